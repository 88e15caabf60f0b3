#include "model/lifetime/holdout_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace strata {
namespace {

constexpr int kHalf = 32;

uint64_t CountsOf(int32_t y, int32_t y_before) {
  return static_cast<uint64_t>(y) << kHalf | static_cast<uint32_t>(y_before);
}

// Purchases of the time before the hold-out are among those of the history.
bool IsPossible(const PurchaseRow& history, int64_t y, int64_t y_before) {
  return y >= 0 && y_before >= 0 && y_before <= history.x + 1;
}

}  // namespace

HoldoutTable HoldoutTable::Of(const CustomerColumns& columns) {
  HoldoutTable table;
  std::vector<Key> keys;
  keys.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns.purchase_days[i] == 0) continue;
    const std::optional<uint64_t> packed = PackedHistory(columns, i);
    const int32_t y = columns.future_purchase_days[i], y_before = columns.purchase_days_before[i];
    if (packed.has_value() && IsPossible(*UnpackedHistory(*packed), y, y_before)) {
      keys.push_back({*packed, CountsOf(y, y_before)});
    } else {
      ++table.impossible_;
    }
  }
  std::sort(keys.begin(), keys.end());
  table.runs_.Push(CountedRuns<Key>::RunOf(keys));
  return table;
}

void HoldoutTable::Merge(const HoldoutTable& other) {
  runs_.Merge(other.runs_);
  impossible_ += other.impossible_;
}

absl::StatusOr<std::vector<HoldoutRow>> HoldoutTable::Rows() const {
  if (impossible_ != 0) return ImpossibleHistories(impossible_);
  std::vector<HoldoutRow> rows;
  std::optional<Key> previous;
  for (const auto& [key, customers] : runs_.Merged()) {
    const std::optional<PurchaseRow> history = UnpackedHistory(key.history);
    const auto y = static_cast<int32_t>(key.counts >> kHalf), y_before = static_cast<int32_t>(key.counts);
    const bool in_order = !previous.has_value() || key > *previous;
    if (!in_order || customers <= 0 || !history.has_value() || !IsPossible(*history, y, y_before)) {
      return MakeError(
          absl::StatusCode::kDataLoss, "HOLDOUT_TABLE_CORRUPT",
          fmt::format("row {} of a table of the hold-out is damaged: key {:#x}, counts {:#x}, customers {}",
                      rows.size(), key.history, key.counts, customers));
    }
    previous = key;
    rows.push_back({.x = history->x,
                    .t_x_days = history->t_x_days,
                    .T_days = history->T_days,
                    .y = y,
                    .customers = customers,
                    .y_before = y_before});
  }
  return rows;
}

void HoldoutTable::Encode(ByteWriter* writer) const {
  const auto merged = runs_.Merged();
  writer->I64(impossible_);
  writer->U32(static_cast<uint32_t>(merged.size()));
  for (const auto& [key, customers] : merged) {
    writer->U64(key.history);
    writer->U64(key.counts);
    writer->I64(customers);
  }
}

HoldoutTable HoldoutTable::Decode(ByteReader* reader) {
  HoldoutTable table;
  table.impossible_ = reader->I64();
  const uint32_t size = reader->U32();
  CountedRuns<Key>::Run run;
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const uint64_t history = reader->U64();
    const uint64_t counts = reader->U64();
    const int64_t customers = reader->I64();
    if (reader->ok()) run.push_back({{history, counts}, customers});
  }
  table.runs_.Push(std::move(run));
  return table;
}

std::vector<PurchaseRow> BeforeHoldout(std::span<const HoldoutRow> rows) {
  std::vector<PurchaseRow> before;
  before.reserve(rows.size());
  for (const HoldoutRow& row : rows) {
    before.push_back({.x = row.x, .t_x_days = row.t_x_days, .T_days = row.T_days, .customers = row.customers});
  }
  const auto key = [](const PurchaseRow& row) { return std::tuple(row.x, row.t_x_days, row.T_days); };
  std::sort(before.begin(), before.end(), [&key](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<PurchaseRow> merged;
  for (const PurchaseRow& row : before) {
    if (!merged.empty() && key(merged.back()) == key(row)) {
      merged.back().customers += row.customers;
    } else {
      merged.push_back(row);
    }
  }
  return merged;
}

}  // namespace strata
