#include "data/ledger/batch_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace strata {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

absl::Status Inconsistent(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT", "row batch: " + message);
}

absl::Status CheckLengths(const RowBatch& batch) {
  const size_t rows = batch.size();
  const size_t identities = batch.transaction.empty() ? 0 : rows;
  struct Column {
    const char* name;
    size_t found;
    size_t expected;
  };
  const Column columns[] = {
      {"id", batch.id.size(), rows},
      {"day", batch.day.size(), rows},
      {"minute", batch.minute.size(), rows},
      {"net_micros", batch.net_micros.size(), rows},
      {"is_return", batch.is_return.size(), rows},
      {"file", batch.file.size(), rows},
      {"transaction", batch.transaction.size(), identities},
      {"updated_at_us", batch.updated_at_us.size(), identities},
      {"row_hash", batch.row_hash.size(), identities},
  };
  for (const Column& column : columns) {
    if (column.found != column.expected) {
      return Inconsistent(
          fmt::format("column {} has {} values, expected are {}", column.name, column.found, column.expected));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckIds(const TextColumn& id) {
  uint64_t begin = 0;
  for (size_t row = 0; row < id.size(); ++row) {
    const uint64_t end = id.ends()[row];
    if (end <= begin || end > id.bytes().size()) return Inconsistent(fmt::format("row {} has no customer id", row));
    begin = end;
  }
  if (begin != id.bytes().size()) return Inconsistent("bytes follow the last customer id");
  return absl::OkStatus();
}

template <typename T>
bool AllWithin(const std::vector<T>& values, T first, T last) {
  T lowest = first, highest = first;
  for (const T value : values) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  return lowest >= first && highest <= last;
}

// Nothing is wrong with any value; else the slow way finds out what.
bool ValuesAreFine(const RowBatch& batch) {
  return AllWithin<Day>(batch.day, kFirstDay, kLastDay) && AllWithin<int16_t>(batch.minute, 0, kMinutesPerDay - 1) &&
         AllWithin<uint8_t>(batch.is_return, 0, 1) &&
         AllWithin<int32_t>(batch.file, 0, std::numeric_limits<int32_t>::max());
}

}  // namespace

absl::Status CheckBatch(const RowBatch& batch) {
  STRATA_RETURN_IF_ERROR(CheckLengths(batch));
  STRATA_RETURN_IF_ERROR(CheckIds(batch.id));
  if (ValuesAreFine(batch)) return absl::OkStatus();
  for (size_t row = 0; row < batch.size(); ++row) {
    if (batch.day[row] < kFirstDay || batch.day[row] > kLastDay) {
      return Inconsistent(
          fmt::format("row {}: day {} is not between {} and {}", row, batch.day[row], kFirstDay, kLastDay));
    }
    if (batch.minute[row] < 0 || batch.minute[row] >= kMinutesPerDay) {
      return Inconsistent(fmt::format("row {}: minute {} is not a minute of a day", row, batch.minute[row]));
    }
    if (batch.is_return[row] > 1) {
      return Inconsistent(fmt::format("row {}: is_return is {}, allowed are 0 and 1", row, batch.is_return[row]));
    }
    if (batch.file[row] < 0) return Inconsistent(fmt::format("row {}: file number {}", row, batch.file[row]));
  }
  return absl::OkStatus();
}

}  // namespace strata
