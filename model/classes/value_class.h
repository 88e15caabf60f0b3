// Value classes by cumulated margin, and grades. Margins are exact micros, so a class is a function of the margin and
// of cuts alone. Plain values and pure functions; not thread-safe.
//
// With S the sum of positive margins and g(v) that of margins greater than v: a margin v > 0 has class A iff g(v) < a
// S, else B iff g(v) < b S, else C; v <= 0 has class D, and so has v > 0 with g(v) >= d S where d is given. Whoever
// crosses a line is thus still above it. Sources: Pareto's ABC analysis in its usual cuts; Gini (1912) in the form 2
// sum(i x_i) / (n sum(x)) - (n + 1) / n.
#pragma once

#include <cstdint>
#include <optional>

#include "base/date.h"
#include "model/classes/scheme_models.h"
#include "model/statistics/ranked_values.h"

namespace strata {

// Codes of value classes and grades.
inline constexpr uint8_t kTierA = 1;
inline constexpr uint8_t kTierB = 2;
inline constexpr uint8_t kTierC = 3;
inline constexpr uint8_t kTierD = 4;

struct ValueShares {  // millionths; 0 < a < b < d_beyond < 1
  int64_t a = 800'000;
  int64_t b = 950'000;
  std::optional<int64_t> d_beyond;
};

// Makes a ValueModel of margins shown in descending order, each distinct one once (RankedValues).
class ValueCurve {
 public:
  ValueCurve(const RankedTotals& totals, const ValueShares& shares) : totals_(totals), shares_(shares) {}

  void Show(int64_t margin, int64_t count);
  // Sets cuts, counts, sums, gini and curve. Precondition: every margin was shown.
  void Finish(ValueModel* model) const;

 private:
  RankedTotals totals_;
  ValueShares shares_;
  std::optional<int64_t> a_from_, b_from_, c_from_;
  int64_t seen_ = 0;
  Int128 sum_ = 0;           // of what was shown
  Int128 sum_positive_ = 0;  // of the positive ones
  Int128 weighted_ = 0;      // sum of rank * max(margin, 0), ranks ascending by margin
  std::vector<Int128> curve_;
};

// 1..4. Precondition: there is a margin.
uint8_t ValueClassOf(const ValueModel& model, int64_t margin);

// What loyalty and stability say of a customer.
struct Rhythm {
  int64_t active_quarters = 0;  // 0..4; kNoWhole: unknown, then nothing moves
  int64_t purchase_days = 0;
  int64_t span_days = 0;         // from the first purchase day to the last: the sum of gaps
  int64_t squared_gap_days = 0;  // sum of squared gaps
};

// +1: up, -1: down, 0. With k gaps the squared coefficient of variation is (k sum(gap^2) - sum(gap)^2) / sum(gap)^2.
// Up: active in at least loyalty_up quarters, and at least 3 gaps whose coefficient is at most stability_up_max. Down:
// active in at most loyalty_down quarters, or at least 3 gaps whose coefficient is at least stability_down_min.
// Precondition: loyalty_down < loyalty_up and stability_up_max < stability_down_min, so never both.
int MoveOf(const ValueModel& model, const Rhythm& rhythm);

// The value class moved within A to C; D stays.
uint8_t GradeOf(uint8_t value_class, int move);

}  // namespace strata
