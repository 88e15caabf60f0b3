#include "model/classes/value_class.h"

#include <algorithm>

#include "base/column_type.h"

namespace strata {
namespace {

constexpr int64_t kOne = 1'000'000;  // millionths
constexpr int kPercent = 100;
constexpr int64_t kGapsMin = 3;  // fewer say nothing of a rhythm

// The number of customers in the top k percent.
int64_t TopCount(int64_t customers, int percent) { return (customers * percent + kPercent - 1) / kPercent; }

}  // namespace

void ValueCurve::Show(int64_t margin, int64_t count) {
  const Int128 total = totals_.sum_positive;
  const auto within = [&](int64_t share) { return kOne * sum_positive_ < share * total; };
  if (margin > 0) {
    if (within(shares_.a)) a_from_ = margin;
    if (within(shares_.b)) b_from_ = margin;
    if (!shares_.d_beyond.has_value() || within(*shares_.d_beyond)) c_from_ = margin;
  }
  while (curve_.size() < kPercent) {
    const int64_t top = TopCount(totals_.count, static_cast<int>(curve_.size()) + 1);
    if (top > seen_ + count) break;
    curve_.push_back(sum_ + static_cast<Int128>(margin) * (top - seen_));
  }
  if (margin > 0) {
    // The descending ranks seen + 1 .. seen + count are n + 1 less those ascending.
    const Int128 descending = static_cast<Int128>(count) * seen_ + static_cast<Int128>(count) * (count + 1) / 2;
    weighted_ += margin * (static_cast<Int128>(count) * (totals_.count + 1) - descending);
    sum_positive_ += static_cast<Int128>(margin) * count;
  }
  sum_ += static_cast<Int128>(margin) * count;
  seen_ += count;
}

void ValueCurve::Finish(ValueModel* model) const {
  model->a_from = a_from_;
  model->b_from = b_from_;
  model->c_from = c_from_;
  model->customers = totals_.count;
  model->positive = totals_.positive;
  model->zero = totals_.zero;
  model->losing = totals_.negative;
  model->sum_positive = totals_.sum_positive;
  model->sum_losses = totals_.sum_negative;
  model->curve = curve_;
  model->gini = 0;
  if (totals_.sum_positive > 0) {
    const Int128 n = totals_.count;
    model->gini = ToDouble(2 * weighted_ - (n + 1) * totals_.sum_positive) / ToDouble(n * totals_.sum_positive);
  }
}

uint8_t ValueClassOf(const ValueModel& model, int64_t margin) {
  if (margin <= 0) return kTierD;
  if (model.a_from.has_value() && margin >= *model.a_from) return kTierA;
  if (model.b_from.has_value() && margin >= *model.b_from) return kTierB;
  if (model.c_from.has_value() && margin >= *model.c_from) return kTierC;
  return kTierD;
}

int MoveOf(const ValueModel& model, const Rhythm& rhythm) {
  if (rhythm.active_quarters == kNoWhole) return 0;
  const int64_t gaps = rhythm.purchase_days - 1;
  const Int128 squared_sum = static_cast<Int128>(rhythm.span_days) * rhythm.span_days;
  const Int128 spread = kOne * (static_cast<Int128>(gaps) * rhythm.squared_gap_days - squared_sum);
  const bool known = gaps >= kGapsMin;
  if (rhythm.active_quarters >= model.loyalty_up && known && spread <= model.stability_up_max * squared_sum) return 1;
  if (rhythm.active_quarters <= model.loyalty_down) return -1;
  return known && spread >= model.stability_down_min * squared_sum ? -1 : 0;
}

uint8_t GradeOf(uint8_t value_class, int move) {
  if (value_class < kTierA || value_class > kTierC) return value_class;
  return static_cast<uint8_t>(std::clamp(value_class - move, int{kTierA}, int{kTierC}));
}

}  // namespace strata
