// The fields that a reader looks for in a file, in the order of their cells. Plain values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "run/job.h"
#include "run/table_source.h"

namespace strata {

// Which types of a Parquet column serve: texts and ids | numbers | points of time | flags | currencies | either of two.
enum class FieldRead : uint8_t { kText, kNumber, kTime, kFlag, kCurrency, kTimeOrFlag };

struct SourceField {
  std::string name;        // key in a job's `columns`
  std::string upper_name;  // prefix of reasons, e.g. AMOUNT of AMOUNT_TOO_PRECISE
  std::string column;      // of the source; empty: not mapped
  std::string key;         // how errors name it: sources.cases.columns.opened
  FieldRead read = FieldRead::kText;

  bool is_mapped() const { return !column.empty(); }
};

struct SourceFields {
  std::vector<SourceField> fields;
  char delimiter = ',';

  size_t size() const { return fields.size(); }
};

// A field whose key is `prefix` and its name.
SourceField FieldNamed(std::string_view name, std::string_view column, std::string_view prefix, FieldRead read);

// One field for each TransactionField, in their order.
SourceFields FieldsOf(const TransactionSource& source);
// One for each column of the schema in its order, then one for each extra column in theirs.
SourceFields FieldsOf(const TableSource& source);

}  // namespace strata
