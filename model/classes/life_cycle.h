// Life-cycle of customers by silence, with cuts from the gaps between purchase days. A gap opens at a purchase day and
// closes at the customer's next one. Only gaps that opened at least gap_days before the date are counted, so that each
// had its chance to close; it is closed when that took at most gap_days. The cuts are exact quantiles of the closed
// lengths; the share that never closed is told beside them, since quantiles of closed gaps alone flatter. Plain values;
// not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "model/classes/scheme_models.h"

namespace strata {

// Codes of the life-cycle.
inline constexpr uint8_t kCyclePotential = 1;
inline constexpr uint8_t kCycleNew = 2;
inline constexpr uint8_t kCycleActive = 3;
inline constexpr uint8_t kCycleReturning = 4;
inline constexpr uint8_t kCycleAtRisk = 5;
inline constexpr uint8_t kCycleDormant = 6;
inline constexpr uint8_t kCycleLost = 7;

// With fewer closed gaps the quantiles would rest on a handful of customers: 90, 180, 365 days then.
inline constexpr int64_t kClosedGapsMin = 100;

// Counts of gaps: additive over customers and shards, with the default as the neutral element.
struct GapStatistics {
  std::vector<int64_t> closed;  // by length - 1; no zeros at its end
  int64_t opened = 0;

  // `purchase_days` of one customer, ascending, none after as_of.
  void Add(std::span<const Day> purchase_days, Day as_of, int gap_days);
  void Merge(const GapStatistics& other);
  void Encode(ByteWriter* writer) const;
  static GapStatistics Decode(ByteReader* reader);
  bool operator==(const GapStatistics&) const = default;
};

struct LifeCycleRules {
  int gap_days = 365;
  std::array<int64_t, 3> quantiles = {800'000, 900'000, 950'000};  // millionths, ascending
  std::vector<int> fixed_days;                                     // empty, or the three cuts
};

// Cut i is the smallest length with count(lengths <= it) >= max(1, ceil(closed * quantile)).
LifeCycleModel FitLifeCycle(const GapStatistics& gaps, const LifeCycleRules& rules, Day as_of);

// The class of a customer; with r the days since the last purchase day, the first that holds of:
//   potential no purchase day · lost r > days[2] · dormant r > days[1] · at risk r > days[0] ·
//   new: the first purchase day is at most days[0] ago · returning: the last gap was longer than days[1] · active
// last_gap_days: kNoWhole with fewer than two purchase days.
uint8_t LifeCycleOf(const LifeCycleModel& model, Day as_of, int64_t purchase_days, Day first_day, Day last_day,
                    int64_t last_gap_days);

}  // namespace strata
