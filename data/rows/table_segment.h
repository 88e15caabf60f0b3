// A segment of table rows: an immutable Arrow file with a row per customer in the order (hash, id), and for each a list
// of rows in the order of row_rules.h; of a reference shard one customer without an id has them all. Equal rows have
// equal bytes: whole numbers lie at the width that the segment needs, dictionaries ascend by bytes and hold what is in
// use; the first word of each, an empty one, stands for a missing value. Pure functions of bytes; thread-safe.
//
// Errors: DATA_LOSS (TABLE_ROWS_CORRUPT) when bytes are not as they must be, FAILED_PRECONDITION (FORMAT_UNKNOWN) for a
// version that this build does not know, FAILED_PRECONDITION (LEDGER_MISMATCH) for columns other than the layout's,
// OUT_OF_RANGE (SEGMENT_TOO_LARGE) past the limits of ledger.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/rows/customer_order.h"
#include "data/rows/row_spans.h"

namespace strata {

inline constexpr int kTableRowsFormatVersion = 1;

// `bytes` must outlive it and its copies, and lie at a multiple of 8 lest columns be copied.
class TableSegment {
 public:
  static absl::StatusOr<TableSegment> Open(const TableLayout& layout, std::string_view bytes);

  const RowSpans& rows() const;

 private:
  struct Arrays;
  std::shared_ptr<const Arrays> arrays_;
};

// What a segment is made of: the stored rows of customer after customer.
struct StoredRows {
  std::vector<RowAt> rows;
  std::vector<size_t> ends;  // of each customer in `rows`

  void AddCustomer(std::span<const RowAt> stored) {
    if (stored.empty()) return;
    rows.insert(rows.end(), stored.begin(), stored.end());
    ends.push_back(rows.size());
  }
};
// Empty without rows.
absl::StatusOr<std::string> EncodeTableSegment(const TableLayout& layout, std::span<const RowSpans> sources,
                                               const StoredRows& stored);

}  // namespace strata
