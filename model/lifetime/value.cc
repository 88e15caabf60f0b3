#include "model/lifetime/value.h"

#include <algorithm>
#include <cmath>

#include "model/lifetime/customer_value.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/lifetime_parts.h"

namespace strata {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

uint32_t FlagsOf(const SpendScorer::Spend& spend) {
  return (spend.from_population ? kFlagSpendFromPopulation : 0) | (spend.not_positive ? kFlagSpendNotPositive : 0);
}

}  // namespace

void LifetimeColumns::Resize(size_t customers) {
  for (auto* column : {&p_alive, &expected_purchases, &p_no_purchase, &expected_spend, &lifetime_value}) {
    column->assign(customers, kNaN);
  }
  flags.assign(customers, 0);
}

LifetimeScorer::LifetimeScorer(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules)
    : parts_(std::make_unique<Parts>(lifetime, spend, rules)) {}

LifetimeScorer::~LifetimeScorer() = default;

absl::Status LifetimeScorer::Score(const CustomerColumns& at, const ColumnSet* profile, LifetimeColumns* out) const {
  out->Resize(at.size());
  if (!parts_->fitted) return absl::OkStatus();
  const auto take = [&](size_t row, const HistoryScore& score) {
    out->p_alive[row] = score.p_alive;
    out->expected_purchases[row] = score.expected;
    out->p_no_purchase[row] = score.none;
    if (std::isnan(score.expected)) return;  // contracts: no purchases, so no spend
    const SpendScorer::Spend spend = parts_->spend.Of(at.purchase_days[row] - 1, at.repeat_net_micros[row]);
    out->expected_spend[row] = spend.expected;
    if (spend.has_mean) out->lifetime_value[row] = spend.expected * score.discounted * parts_->margin;
    out->flags[row] = FlagsOf(spend);
  };
  if (parts_->discrete != nullptr) return parts_->discrete->Score(at, profile, take);
  return parts_->ForEachFit(at, profile, true, [&](const FitScorer& scorer, std::span<const uint32_t> rows) {
    for (const uint32_t row : rows) take(row, scorer.Score(DaysOf(at, row)));
  });
}

LifetimeScore ScoreLifetime(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules,
                            int32_t purchase_days, Day first_day, Day last_day, Day as_of, int64_t repeat_net_micros) {
  LifetimeScore score;
  if (!lifetime.fit.fitted || purchase_days <= 0) return score;
  const double unit = lifetime.time_unit_days;
  const LifetimeParameters at = lifetime.fit.parameters;
  const PurchaseHistory history = HistoryOf({purchase_days - 1, last_day - first_day, as_of - first_day}, unit);
  const double horizon = rules.horizon_days / unit;
  score.p_alive = ProbabilityAlive(at, history);
  score.expected_purchases = ExpectedPurchases(at, history, horizon);
  score.p_no_purchase = ProbabilityNoPurchase(at, history, horizon);
  const SpendScorer::Spend found = SpendScorer(spend, 0, 0).Of(history.x, repeat_net_micros);
  score.expected_spend = found.expected;
  score.flags = FlagsOf(found);
  if (found.has_mean) {
    const double rate = ContinuousRate(rules.discount_rate_annual, unit);
    score.lifetime_value = found.expected * DiscountedPurchases(at, history, horizon, rate) * lifetime.margin.factor;
  }
  return score;
}

double NoPurchaseProbability(const LifetimeModel& lifetime, int horizon_days, int32_t purchase_days, Day first_day,
                             Day last_day, Day as_of) {
  if (!lifetime.fit.fitted || purchase_days <= 0) return kNaN;
  const double unit = lifetime.time_unit_days;
  return ProbabilityNoPurchase(lifetime.fit.parameters,
                               HistoryOf({purchase_days - 1, last_day - first_day, as_of - first_day}, unit),
                               horizon_days / unit);
}

}  // namespace strata
