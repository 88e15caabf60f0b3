// The Arrow schema of a segment of table rows. Only .cc files of data/rows/ include this. Pure; thread-safe.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <string>

#include "data/ledger/arrow_bytes.h"
#include "data/rows/table_batch.h"
#include "data/rows/table_segment.h"

namespace strata {

inline constexpr ArrowFormat kTableRowsFormat{"strata table rows", kTableRowsFormatVersion, "TABLE_ROWS_CORRUPT"};

// A list of structs of `fields` per customer.
std::shared_ptr<arrow::Schema> TableRowsSchema(const arrow::FieldVector& fields);
// A type without the widths of its whole numbers, as text: "{day integer, ..., values {region word}}".
std::string ShapeOf(const arrow::DataType& type);
// What ShapeOf says of the rows of a segment of this layout.
std::string ShapeOf(const TableLayout& layout);

}  // namespace strata
