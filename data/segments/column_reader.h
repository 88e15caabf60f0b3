// Columns of customers and of events as the evaluator reads them: int64 with kNoWhole, or double with NaN, whatever
// they are kept as. Views; whoever made the columns keeps them alive. Read-only, so thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/expression_graph.h"
#include "data/segments/text_words.h"
#include "model/columns.h"

namespace strata {

struct ColumnReader {
  enum class Kind : uint8_t {
    kWhole,
    kNumber,
    kCode,     // -1: null
    kDay,      // kTimelessDay: null
    kDaysAgo,  // of a day
    kMinute,   // of the day
  };
  Kind kind = Kind::kWhole;
  const int64_t* whole = nullptr;
  const double* number = nullptr;
  const int32_t* code = nullptr;
  const Day* day = nullptr;
  const int16_t* minute = nullptr;
  const int32_t* through = nullptr;  // row → row of the column, -1: none (products); null: the same row
  bool takes_day = false;            // whole: local minutes since 1970-01-01 00:00, of which the day is wanted
  Day as_of = 0;
  const std::vector<uint64_t>* failed = nullptr;  // rows whose value does not fit; null: none
  Words words;                                    // of kCode, and of whole numbers that are codes

  // The column as it lies there, where nothing has to be computed; else null.
  const int64_t* Plain() const;
  // Rows begin .. begin + n. Precondition: kind is not kNumber.
  void Read(size_t begin, size_t n, int64_t* out) const;
};

// A column of customers. INTERNAL (SEGMENT_COLUMN_MISSING) where there is none of that name and type.
absl::StatusOr<ColumnReader> ReaderOf(const Expression& column, const ColumnSet& columns);

// The rows of products that events name, by event; empty where none of their columns is asked for.
std::vector<int32_t> ProductRows(const TableShard& events, const TableShard& products);

// A column of the events of a table, or, as "products.brand", of their products. Errors as above.
absl::StatusOr<ColumnReader> ReaderOf(const Expression& column, TableId table, const TableShard& events,
                                      const TableShard* products, const std::vector<int32_t>& product_rows, Day as_of);

}  // namespace strata
