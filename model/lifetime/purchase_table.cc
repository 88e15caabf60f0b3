#include "model/lifetime/purchase_table.h"

#include <fmt/format.h>

#include "base/status.h"
#include "model/statistics/radix_order.h"

namespace strata {
namespace {

constexpr int kKeyBits = 21;  // three times 21 fit 63 bits; days between any two allowed dates fit 17
constexpr uint64_t kFieldMax = (uint64_t{1} << kKeyBits) - 1;

// Days are distinct, so there are at most t_x repeat purchase days in t_x days, and there are some if t_x > 0.
bool IsPossible(int64_t x, int64_t t_x, int64_t T) {
  return x >= 0 && x <= t_x && (x > 0 || t_x == 0) && t_x <= T && T <= static_cast<int64_t>(kFieldMax);
}

uint64_t KeyOf(int64_t x, int64_t t_x, int64_t T) {
  return static_cast<uint64_t>(x) << (2 * kKeyBits) | static_cast<uint64_t>(t_x) << kKeyBits | static_cast<uint64_t>(T);
}

}  // namespace

PurchaseTable PurchaseTable::Of(const CustomerColumns& columns) {
  PurchaseTable table;
  std::vector<uint64_t> keys;
  keys.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns.purchase_days[i] == 0) continue;
    const int64_t x = int64_t{columns.purchase_days[i]} - 1;
    const int64_t t_x = int64_t{columns.last_day[i]} - columns.first_day[i];
    const int64_t T = int64_t{columns.as_of} - columns.first_day[i];
    if (IsPossible(x, t_x, T)) {
      keys.push_back(KeyOf(x, t_x, T));
    } else {
      ++table.impossible_;
    }
  }
  SortKeys(&keys);
  Run run;
  for (const uint64_t key : keys) {
    if (run.empty() || run.back().key != key) run.push_back({key, 0});
    ++run.back().customers;
  }
  table.Push(std::move(run));
  return table;
}

PurchaseTable::Run PurchaseTable::MergeRuns(const Run& left, const Run& right) {
  Run merged;
  merged.reserve(left.size() + right.size());
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() && b != right.end()) {
    if (a->key < b->key) {
      merged.push_back(*a++);
    } else if (b->key < a->key) {
      merged.push_back(*b++);
    } else {
      merged.push_back({a->key, a->customers + b->customers});
      ++a;
      ++b;
    }
  }
  merged.insert(merged.end(), a, left.end());
  merged.insert(merged.end(), b, right.end());
  return merged;
}

void PurchaseTable::Push(Run run) {
  if (run.empty()) return;
  runs_.push_back(std::move(run));
  while (runs_.size() > 1 && runs_[runs_.size() - 2].size() <= 2 * runs_.back().size()) {
    Run merged = MergeRuns(runs_[runs_.size() - 2], runs_.back());
    runs_.pop_back();
    runs_.back() = std::move(merged);
  }
}

void PurchaseTable::Merge(const PurchaseTable& other) {
  // By index and by copy, so that a table can be merged with itself.
  const size_t others = other.runs_.size();
  std::vector<Run> added;
  for (size_t i = 0; i < others; ++i) added.push_back(other.runs_[i]);
  for (Run& run : added) Push(std::move(run));
  impossible_ += other.impossible_;
}

PurchaseTable::Run PurchaseTable::Merged() const {
  Run merged;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) merged = MergeRuns(*run, merged);
  return merged;
}

absl::StatusOr<std::vector<PurchaseRow>> PurchaseTable::Rows() const {
  if (impossible_ != 0) {
    return MakeError(absl::StatusCode::kInternal, "PURCHASE_HISTORY_IMPOSSIBLE",
                     fmt::format("{} customers have purchase days that no calendar allows (more repeat purchase days "
                                 "than days between the first and the last, or days after the date)",
                                 impossible_));
  }
  std::vector<PurchaseRow> rows;
  uint64_t previous = 0;
  for (const Entry& entry : Merged()) {
    const auto x = static_cast<int32_t>(entry.key >> (2 * kKeyBits) & kFieldMax);
    const auto t_x = static_cast<int32_t>(entry.key >> kKeyBits & kFieldMax);
    const auto T = static_cast<int32_t>(entry.key & kFieldMax);
    const bool in_order = rows.empty() || entry.key > previous;
    if (!in_order || entry.key >> (3 * kKeyBits) != 0 || entry.customers <= 0 || !IsPossible(x, t_x, T)) {
      return MakeError(absl::StatusCode::kDataLoss, "PURCHASE_TABLE_CORRUPT",
                       fmt::format("row {} of a table of purchase histories is damaged: key {:#x}, customers {}",
                                   rows.size(), entry.key, entry.customers));
    }
    previous = entry.key;
    rows.push_back({.x = x, .t_x_days = t_x, .T_days = T, .customers = entry.customers});
  }
  return rows;
}

void PurchaseTable::Encode(ByteWriter* writer) const {
  const Run merged = Merged();
  writer->I64(impossible_);
  writer->U32(static_cast<uint32_t>(merged.size()));
  for (const Entry& entry : merged) {
    writer->U64(entry.key);
    writer->I64(entry.customers);
  }
}

PurchaseTable PurchaseTable::Decode(ByteReader* reader) {
  PurchaseTable table;
  table.impossible_ = reader->I64();
  const uint32_t size = reader->U32();
  Run run;
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const uint64_t key = reader->U64();
    const int64_t customers = reader->I64();
    if (reader->ok()) run.push_back({key, customers});
  }
  table.Push(std::move(run));
  return table;
}

}  // namespace strata
