// The rules of thumb that a churn model has to beat, at their best: "lost who has not bought for d days", and "lost who
// has not bought for k times their usual gap". Their thresholds are tuned on training cutoffs alone, from exact counts
// that merge. Plain values; not thread-safe.
//
// The usual gap is a customer's own mean gap between purchase days; of those who bought on one day only it is the
// base's: the sum of all spans over the number of all gaps. As that is known only when all shards are counted, one-time
// buyers are counted by day.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "model/customer_columns.h"

namespace strata {

// Gap ratios are told apart by 2^-kGapCellBits of a gap, up to kGapCellMax gaps.
inline constexpr int kGapCellBits = 6;
inline constexpr int64_t kGapCellMax = int64_t{64} << kGapCellBits;

inline constexpr int kGapRatioBits = 20;

// floor(days / (span / gaps) 2^kGapRatioBits). Preconditions: 0 <= days, 0 < span, 0 < gaps, all below 2^31.
int64_t GapRatioOf(int64_t days, int64_t span, int64_t gaps);
// The cell of a ratio.
int64_t GapCellOf(int64_t ratio);

struct RuleCounts {
  using Cells = std::map<int32_t, std::array<int64_t, 2>>;  // value: kept, churned

  Cells by_recency;        // days since the last purchase
  Cells by_gap;            // GapCellOf the ratio, of customers with a gap
  Cells one_time;          // days since the only purchase day
  int64_t span_days = 0;   // of customers with a gap, at risk
  int64_t gaps = 0;

  // Precondition: the row has a purchase day.
  void Add(const CustomerColumns& columns, size_t row, bool churned);
  void Merge(const RuleCounts& other);
  void Encode(ByteWriter* writer) const;
  static RuleCounts Decode(ByteReader* reader);
  bool operator==(const RuleCounts&) const = default;
};

struct TunedRule {
  bool found = false;  // false: one class only
  int64_t from = 0;    // the rule holds from this value on
  double auc = 0;      // (1 + TPR - FPR) / 2 on what it was tuned on
  bool operator==(const TunedRule&) const = default;
};

struct TunedRules {
  TunedRule inactivity;  // days
  TunedRule gap;         // cells
  int64_t span_days = 0, gaps = 0;  // of the base: the usual gap of one-time buyers; gaps 0: nobody bought twice

  // Days since the last purchase over the usual gap, units of 2^-kGapRatioBits; 0 for everybody while nobody has bought
  // twice. Precondition: the row has a purchase day.
  int64_t GapRatio(const CustomerColumns& columns, size_t row) const;
  bool operator==(const TunedRules&) const = default;
};

// The thresholds of greatest AUC; ties: the smallest.
TunedRules TuneRules(const RuleCounts& counts);

}  // namespace strata
