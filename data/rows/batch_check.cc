#include <fmt/format.h>

#include <algorithm>

#include "base/local_minutes.h"
#include "data/ledger/batch_check.h"
#include "data/rows/table_batch.h"

namespace strata {
namespace {

absl::Status Inconsistent(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT", "table batch: " + message);
}

absl::Status CheckLength(std::string_view column, size_t found, size_t expected) {
  if (found == expected) return absl::OkStatus();
  return Inconsistent(fmt::format("column {} has {} values, expected are {}", column, found, expected));
}

absl::Status CheckLengths(const TableBatch& batch, bool has_key) {
  const size_t rows = batch.size();
  const size_t keys = has_key ? rows : 0;
  STRATA_RETURN_IF_ERROR(CheckLength("id", batch.id.size(), rows));
  STRATA_RETURN_IF_ERROR(CheckLength("day", batch.day.size(), rows));
  STRATA_RETURN_IF_ERROR(CheckLength("minute", batch.minute.size(), rows));
  STRATA_RETURN_IF_ERROR(CheckLength("file", batch.file.size(), rows));
  STRATA_RETURN_IF_ERROR(CheckLength("key", batch.key.size(), keys));
  STRATA_RETURN_IF_ERROR(CheckLength("version", batch.version.size(), keys));
  if (has_key || !batch.row_hash.empty()) {
    STRATA_RETURN_IF_ERROR(CheckLength("row_hash", batch.row_hash.size(), rows));
  }
  return batch.differs.empty() ? absl::OkStatus() : CheckLength("differs", batch.differs.size(), keys);
}

absl::Status CheckRow(const TableBatch& batch, size_t row) {
  const Day day = batch.day[row];
  if (day != kTimelessDay && (day < kFirstDay || day > kLastDay)) {
    return Inconsistent(fmt::format("row {}: day {} is not between {} and {}", row, day, kFirstDay, kLastDay));
  }
  if (batch.minute[row] < 0 || batch.minute[row] >= kMinutesPerDay) {
    return Inconsistent(fmt::format("row {}: minute {} is not a minute of a day", row, batch.minute[row]));
  }
  if (batch.file[row] < 0) return Inconsistent(fmt::format("row {}: file number {}", row, batch.file[row]));
  if (batch.id[row].empty() && batch.hash[row] != 0) {
    return Inconsistent(fmt::format("row {} has a customer's hash and no customer id", row));
  }
  if (!batch.differs.empty() && batch.differs[row] > 1) {
    return Inconsistent(fmt::format("row {}: differs is {}, allowed are 0 and 1", row, batch.differs[row]));
  }
  return absl::OkStatus();
}

absl::Status CheckColumn(const TableColumn& column, std::string_view name, ValueType type, size_t rows) {
  if (column.type != type) return Inconsistent(fmt::format("column {} has another type than the table's", name));
  const bool coded = IsCoded(type);
  STRATA_RETURN_IF_ERROR(CheckLength(name, coded ? column.code.size() : column.whole.size(), rows));
  const auto words = static_cast<int64_t>(column.words.size());
  for (size_t row = 0; row < column.code.size(); ++row) {
    if (column.code[row] >= -1 && column.code[row] < words) continue;
    return Inconsistent(
        fmt::format("column {}, row {}: code {} of a dictionary of {} words", name, row, column.code[row], words));
  }
  for (size_t i = 0; i < column.words.size(); ++i) {
    if (column.words[i].empty()) return Inconsistent(fmt::format("column {}: word {} is empty", name, i));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTableBatch(const TableBatch& batch, const TableLayout& layout) {
  if (batch.size() == 0) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(CheckLengths(batch, layout.has_key));
  for (size_t row = 0; row < batch.size(); ++row) STRATA_RETURN_IF_ERROR(CheckRow(batch, row));
  STRATA_RETURN_IF_ERROR(CheckLength("columns", batch.columns.size(), layout.names.size()));
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    STRATA_RETURN_IF_ERROR(CheckColumn(batch.columns[i], layout.names[i], layout.types[i], batch.size()));
  }
  return absl::OkStatus();
}

}  // namespace strata
