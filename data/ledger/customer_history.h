// One customer's days as all views of a feature file see them, read once. Not thread-safe.
#pragma once

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/int128.h"
#include "base/status.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/features.h"
#include "data/ledger/segment_spans.h"

namespace strata {

// How far back the windows of a view reach, in days; the first is the view's date itself.
inline constexpr std::array<Day, 5> kWindowsDays = {0, 30, 90, 180, 365};
inline constexpr size_t kViewsMax = 1 + kMaxChurnViews + 1;  // the last one of a hold-out
// Bounds and counts that stay in registers; left to itself the compiler takes them through memory every day. Two of
// them are enough for kChurnViews cutoffs without a hold-out, or without churn, three for both.
inline constexpr size_t kLaneBounds = 8;
using BoundLanes [[gnu::vector_size(kLaneBounds * sizeof(int32_t))]] = int32_t;
using AllLanes = std::array<BoundLanes, 6>;
inline constexpr size_t kBoundsMax = 6 * kLaneBounds;  // of kViewsMax views, and one more
static_assert(kViewsMax * kWindowsDays.size() < kBoundsMax);
static_assert((1 + kChurnViews) * kWindowsDays.size() <= 2 * kLaneBounds);
static_assert((1 + kChurnViews + 1) * kWindowsDays.size() < 3 * kLaneBounds);

// What a customer did up to some day. No sum leaves its bits: CustomerHistory has seen to that.
struct SumsUntil {
  int64_t net_micros = 0, repeat_net_micros = 0, squared_gap_days = 0;
  int32_t rows = 0, return_rows = 0, purchase_days = 0;
  Day last_day = 0;
};

// One customer after another: what they did up to each of their days, and how many of these lie up to the bounds of all
// windows, so that each window is a difference of two facts. Which days lie in which window is as good as random to a
// processor, so days are compared with all bounds and never branched upon.
class CustomerHistory {
 public:
  // By place in kWindowsDays.
  enum Window : size_t { kDate, k30Days, k90Days, k180Days, k365Days };

  // Of the views, at most kViewsMax, and of one date more, of which only the purchase days are wanted.
  CustomerHistory(std::span<const Day> dates, Day other) : other_(dates.size() * kWindowsDays.size()) {
    for (size_t v = 0; v < dates.size(); ++v) {
      for (size_t w = 0; w < kWindowsDays.size(); ++w) {
        bounds_[v * kWindowsDays.size() + w] = dates[v] - kWindowsDays[w];
      }
    }
    bounds_[other_] = other;
  }

  // OUT_OF_RANGE when a sum over any of the days could leave its column. Days ascend.
  absl::Status Read(uint64_t hash, const DaySpans& parts) {
    if (other_ < 2 * kLaneBounds) return ReadDays<2>(hash, parts);
    return other_ < 3 * kLaneBounds ? ReadDays<3>(hash, parts) : ReadDays<6>(hash, parts);
  }

  bool IsIn(size_t view) const { return days_until_[view * kWindowsDays.size()] > 0; }
  const SumsUntil& Until(size_t view, Window window) const {
    return until_[static_cast<size_t>(days_until_[view * kWindowsDays.size() + window])];
  }
  int32_t purchase_days_until_other() const { return until_[static_cast<size_t>(days_until_[other_])].purchase_days; }
  Day first_day() const { return first_day_; }  // of a purchase; meaningless before there is one
  const SumsUntil& all() const { return until_[days_]; }

 private:
  template <int kLanes>
  absl::Status ReadDays(uint64_t hash, const DaySpans& parts);

  const size_t other_;  // place of its bound
  std::array<Day, kBoundsMax> bounds_{};
  std::array<int32_t, kBoundsMax> days_until_{};
  std::vector<SumsUntil> until_ = std::vector<SumsUntil>(1);  // by number of days; the first is that of none
  size_t days_ = 0;
  Day first_day_ = 0;
};

inline absl::Status SumOverflow(uint64_t hash) {
  return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                   fmt::format("customer {}: the nets of all days, or the rows, leave their columns", Hex(hash)),
                   {{"customer_hash", Hex(hash)}});
}

template <int kLanes>
absl::Status CustomerHistory::ReadDays(uint64_t hash, const DaySpans& parts) {
  if (until_.size() <= parts.size()) until_.resize(2 * parts.size() + 1);
  const auto [first_bounds, second_bounds, third_bounds, fourth_bounds, fifth_bounds, sixth_bounds] =
      std::bit_cast<AllLanes>(bounds_);
  BoundLanes days_until_first{}, days_until_second{}, days_until_third{};
  BoundLanes days_until_fourth{}, days_until_fifth{}, days_until_sixth{};
  SumsUntil* next = until_.data();
  int64_t net_micros = 0, repeat_net_micros = 0, squared_gap_days = 0;
  int32_t rows = 0, return_rows = 0, purchase_days = 0;
  Day first_day = 0, last_day = 0;
  Int128 magnitude = 0;
  int64_t rows_all = 0;
  for (size_t i = 0; i < parts.size();) {
    const Day day = parts.day[i];
    DaySum sum;
    do {
      sum.Add(parts.net_micros[i], parts.rows[i], parts.return_rows[i]);
    } while (++i < parts.size() && parts.day[i] == day);
    magnitude += sum.net_micros < 0 ? -sum.net_micros : sum.net_micros;
    rows_all += sum.rows;
    if (!DaySum{.net_micros = magnitude, .rows = rows_all}.Fits()) return SumOverflow(hash);
    const auto day_net_micros = static_cast<int64_t>(sum.net_micros);
    const bool is_purchase = sum.rows > sum.return_rows;
    const bool is_repeat = is_purchase && purchase_days > 0;
    const int64_t gap_days = is_repeat ? day - last_day : 0;
    net_micros += day_net_micros;
    repeat_net_micros += is_repeat ? day_net_micros : 0;
    squared_gap_days += gap_days * gap_days;
    rows = static_cast<int32_t>(rows_all);
    return_rows += static_cast<int32_t>(sum.return_rows);
    first_day = is_purchase && !is_repeat ? day : first_day;
    last_day = is_purchase ? day : last_day;
    purchase_days += is_purchase ? 1 : 0;
    *++next = {net_micros, repeat_net_micros, squared_gap_days, rows, return_rows, purchase_days, last_day};
    days_until_first -= first_bounds >= day;  // true is -1
    days_until_second -= second_bounds >= day;
    if constexpr (kLanes > 2) days_until_third -= third_bounds >= day;
    if constexpr (kLanes > 3) {
      days_until_fourth -= fourth_bounds >= day;
      days_until_fifth -= fifth_bounds >= day;
      days_until_sixth -= sixth_bounds >= day;
    }
  }
  days_until_ = std::bit_cast<std::array<int32_t, kBoundsMax>>(AllLanes{
      days_until_first, days_until_second, days_until_third, days_until_fourth, days_until_fifth, days_until_sixth});
  first_day_ = first_day;
  days_ = static_cast<size_t>(next - until_.data());
  return absl::OkStatus();
}

}  // namespace strata
