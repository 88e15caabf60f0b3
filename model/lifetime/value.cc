#include "model/lifetime/value.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/spend_fitter.h"

namespace strata {
namespace {

BgNbdParameters ParametersOf(const LifetimeModel& model) {
  return {.r = model.r, .alpha = model.alpha, .a = model.a, .b = model.b};
}

PurchaseHistory HistoryOf(int32_t purchase_days, Day first_day, Day last_day, Day as_of, double time_unit_days) {
  return {.x = int64_t{purchase_days} - 1,
          .t_x = (last_day - first_day) / time_unit_days,
          .T = (as_of - first_day) / time_unit_days};
}

}  // namespace

LifetimeScorer::LifetimeScorer(const LifetimeModel& lifetime, const SpendModel* spend, int horizon_days,
                               double discount_rate_annual, size_t cache_slots)
    : fitted_(lifetime.fitted),
      parameters_(ParametersOf(lifetime)),
      time_unit_days_(lifetime.time_unit_days),
      has_spend_(spend != nullptr && (spend->fitted || spend->customers > 0)),
      horizon_(horizon_days / lifetime.time_unit_days),
      slots_(cache_slots) {
  if (has_spend_) spend_ = *spend;
  for (int start = 0; start < horizon_days; start += kValueStepDays) {
    const int end = std::min(start + kValueStepDays, horizon_days);
    steps_.push_back(end / time_unit_days_);
    discounts_.push_back(std::pow(1 + discount_rate_annual, -end / kValueDaysPerYear));
  }
  expected_.resize(steps_.size());
}

LifetimeScore LifetimeScorer::Score(int32_t purchase_days, Day first_day, Day last_day, Day as_of,
                                    int64_t repeat_net_micros) {
  LifetimeScore score;
  if (!fitted_ || purchase_days <= 0) return score;
  const PurchaseHistory history = HistoryOf(purchase_days, first_day, last_day, as_of, time_unit_days_);
  const Purchases purchases = PurchasesOf(history.x, as_of - first_day);
  score.p_alive = ProbabilityAlive(parameters_, history);
  score.expected_purchases = score.p_alive * purchases.expected;
  score.p_no_purchase = ProbabilityNoPurchase(parameters_, history, horizon_);
  if (!has_spend_) return score;
  TakeSpend(history.x, repeat_net_micros, &score);
  score.lifetime_value = score.expected_spend * (score.p_alive * purchases.discounted);
  return score;
}

LifetimeScorer::Purchases LifetimeScorer::PurchasesOf(int64_t x, int32_t T_days) {
  Slot& slot = slots_[KeyedDraw(0, static_cast<uint64_t>(x), static_cast<uint64_t>(T_days)) % slots_.size()];
  if (slot.x == x && slot.T_days == T_days) return slot.purchases;
  ExpectedPurchasesWhileAlive(parameters_, x, T_days / time_unit_days_, steps_, expected_);
  Purchases purchases;
  for (size_t i = 0; i < expected_.size(); ++i) {
    purchases.discounted += discounts_[i] * (expected_[i] - purchases.expected);
    purchases.expected = expected_[i];
  }
  slot = {.x = x, .T_days = T_days, .purchases = purchases};
  return purchases;
}

void LifetimeScorer::TakeSpend(int64_t x, int64_t repeat_net_micros, LifetimeScore* score) const {
  score->spend_not_positive = x > 0 && repeat_net_micros <= 0;
  score->spend_from_population = x == 0 || score->spend_not_positive || !spend_.fitted;
  score->expected_spend = score->spend_from_population ? spend_.population_mean
                                                       : ExpectedSpend({.p = spend_.p, .q = spend_.q, .v = spend_.v}, x,
                                                                       MeanSpend(repeat_net_micros, x));
}

LifetimeScore ScoreLifetime(const LifetimeModel& lifetime, const SpendModel* spend, int horizon_days,
                            double discount_rate_annual, int32_t purchase_days, Day first_day, Day last_day, Day as_of,
                            int64_t repeat_net_micros) {
  LifetimeScorer scorer(lifetime, spend, horizon_days, discount_rate_annual, /*cache_slots=*/1);
  return scorer.Score(purchase_days, first_day, last_day, as_of, repeat_net_micros);
}

double NoPurchaseProbability(const LifetimeModel& lifetime, int horizon_days, int32_t purchase_days, Day first_day,
                             Day last_day, Day as_of) {
  if (!lifetime.fitted || purchase_days <= 0) return std::numeric_limits<double>::quiet_NaN();
  const PurchaseHistory history = HistoryOf(purchase_days, first_day, last_day, as_of, lifetime.time_unit_days);
  return ProbabilityNoPurchase(ParametersOf(lifetime), history, horizon_days / lifetime.time_unit_days);
}

}  // namespace strata
