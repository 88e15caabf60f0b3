#include "model/lifetime/purchase_table.h"

#include <fmt/format.h>

#include "model/statistics/radix_order.h"

namespace strata {
namespace {

constexpr int kKeyBits = 21;  // three times 21 fit 63 bits; days between any two allowed dates fit 17
constexpr uint64_t kFieldMax = (uint64_t{1} << kKeyBits) - 1;

// Days are distinct, so there are at most t_x repeat purchase days in t_x days, and there are some if t_x > 0.
bool IsPossible(int64_t x, int64_t t_x, int64_t T) {
  return x >= 0 && x <= t_x && (x > 0 || t_x == 0) && t_x <= T && T <= static_cast<int64_t>(kFieldMax);
}

}  // namespace

std::optional<uint64_t> PackedHistory(const CustomerColumns& columns, size_t row) {
  const int64_t x = int64_t{columns.purchase_days[row]} - 1;
  const int64_t t_x = int64_t{columns.last_day[row]} - columns.first_day[row];
  const int64_t T = int64_t{columns.as_of} - columns.first_day[row];
  if (!IsPossible(x, t_x, T)) return std::nullopt;
  return static_cast<uint64_t>(x) << (2 * kKeyBits) | static_cast<uint64_t>(t_x) << kKeyBits | static_cast<uint64_t>(T);
}

std::optional<PurchaseRow> UnpackedHistory(uint64_t packed) {
  const auto x = static_cast<int32_t>(packed >> (2 * kKeyBits) & kFieldMax);
  const auto t_x = static_cast<int32_t>(packed >> kKeyBits & kFieldMax);
  const auto T = static_cast<int32_t>(packed & kFieldMax);
  if (packed >> (3 * kKeyBits) != 0 || !IsPossible(x, t_x, T)) return std::nullopt;
  return PurchaseRow{.x = x, .t_x_days = t_x, .T_days = T, .customers = 0};
}

absl::Status ImpossibleHistories(int64_t customers) {
  return MakeError(absl::StatusCode::kInternal, "PURCHASE_HISTORY_IMPOSSIBLE",
                   fmt::format("{} customers have purchase days that no calendar allows (more repeat purchase days "
                               "than days between the first and the last, or days after the date)",
                               customers));
}

PurchaseTable PurchaseTable::Of(const CustomerColumns& columns) {
  PurchaseTable table;
  std::vector<uint64_t> keys;
  keys.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns.purchase_days[i] == 0) continue;
    if (const std::optional<uint64_t> packed = PackedHistory(columns, i); packed.has_value()) {
      keys.push_back(*packed);
    } else {
      ++table.impossible_;
    }
  }
  SortKeys(&keys);
  table.runs_.Push(CountedRuns<uint64_t>::RunOf(keys));
  return table;
}

void PurchaseTable::Merge(const PurchaseTable& other) {
  runs_.Merge(other.runs_);
  impossible_ += other.impossible_;
}

absl::StatusOr<std::vector<PurchaseRow>> PurchaseTable::Rows() const {
  if (impossible_ != 0) return ImpossibleHistories(impossible_);
  std::vector<PurchaseRow> rows;
  uint64_t previous = 0;
  for (const auto& [key, customers] : runs_.Merged()) {
    std::optional<PurchaseRow> row = UnpackedHistory(key);
    const bool in_order = rows.empty() || key > previous;
    if (!in_order || customers <= 0 || !row.has_value()) {
      return MakeError(absl::StatusCode::kDataLoss, "PURCHASE_TABLE_CORRUPT",
                       fmt::format("row {} of a table of purchase histories is damaged: key {:#x}, customers {}",
                                   rows.size(), key, customers));
    }
    previous = key;
    row->customers = customers;
    rows.push_back(*row);
  }
  return rows;
}

void PurchaseTable::Encode(ByteWriter* writer) const {
  const auto merged = runs_.Merged();
  writer->I64(impossible_);
  writer->U32(static_cast<uint32_t>(merged.size()));
  for (const auto& [key, customers] : merged) {
    writer->U64(key);
    writer->I64(customers);
  }
}

PurchaseTable PurchaseTable::Decode(ByteReader* reader) {
  PurchaseTable table;
  table.impossible_ = reader->I64();
  const uint32_t size = reader->U32();
  CountedRuns<uint64_t>::Run run;
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const uint64_t key = reader->U64();
    const int64_t customers = reader->I64();
    if (reader->ok()) run.push_back({key, customers});
  }
  table.runs_.Push(std::move(run));
  return table;
}

}  // namespace strata
