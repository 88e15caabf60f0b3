// The slow way to a customer's outlook.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <tuple>
#include <vector>

#include "model/lifetime/customer_value.h"
#include "model/lifetime/fit_scorer.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/outlook.h"
#include "model/lifetime/parameter_draws.h"
#include "model/lifetime/predictive.h"
#include "model/lifetime/spend_scorer.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;

struct Ends {
  double* low;
  double* high;
};

void TakeEnds(const std::vector<double>& values, double level, double value, Ends ends) {
  const QuantityInterval found = EndsOf(values, level);
  *ends.low = std::fmin(found.low, value);
  *ends.high = std::fmax(found.high, value);
}

std::vector<LifetimeParameters> DrawsFor(const LifetimeModel& lifetime) {
  if (!lifetime.bootstrap.empty()) return lifetime.bootstrap;
  return ParameterDraws(lifetime.fit, lifetime.draw_seed).parameters();
}

// Of money: `discounted` purchases at every draw.
void TakeMoney(const LifetimeModel& lifetime, const SpendModel& model, const ScoringRules& rules,
               const PurchaseHistory& history, int64_t repeat_net_micros, const std::vector<double>& discounted,
               CustomerOutlook* out) {
  const SpendScorer spend(&model, lifetime.draw_seed, discounted.size());
  const SpendScorer::Spend found = spend.Of(history.x, repeat_net_micros);
  const double unit = lifetime.time_unit_days;
  const double rate = ContinuousRate(rules.discount_rate_annual, unit);
  const LifetimeParameters& at = lifetime.fit.parameters;
  const double horizon = rules.horizon_days / unit;
  const double margin = lifetime.margin.factor;
  const int64_t x = found.from_population ? 0 : history.x;
  const double net = found.from_population ? 0 : static_cast<double>(repeat_net_micros) / kMicros;
  if (found.has_mean) {
    const double all = rate > 0 ? ResidualTransactions(at, history, rate) : std::nan("");
    out->residual_value = found.expected * all * margin;
    double by_period = 0, before = 0;
    for (int start = 0; start < rules.horizon_days; start += kValueStepDays) {
      const int end = std::min(start + kValueStepDays, rules.horizon_days);
      const double until = ExpectedPurchases(at, history, end / unit);
      by_period += (until - before) * std::pow(1 + rules.discount_rate_annual, -end / kValueDaysPerYear);
      before = until;
    }
    out->lifetime_value_by_period = found.expected * by_period * margin;
    if (spend.has_draws()) {
      std::vector<double> amounts(discounted.size()), values(discounted.size());
      for (size_t d = 0; d < discounted.size(); ++d) {
        const GammaGammaParameters drawn = spend.AtDraw(d);
        amounts[d] = drawn.p * (drawn.v + net) / (drawn.p * static_cast<double>(x) + drawn.q - 1);
        values[d] = amounts[d] * discounted[d] * margin;
      }
      TakeEnds(amounts, lifetime.interval_level, found.expected, {&out->expected_spend_low, &out->expected_spend_high});
      const double value = found.expected * DiscountedPurchases(at, history, horizon, rate) * margin;
      TakeEnds(values, lifetime.interval_level, value, {&out->lifetime_value_low, &out->lifetime_value_high});
    }
  }
  if (spend.totals() == nullptr) return;
  const AmountInterval totals = AmountIntervalOf(CountProbabilities(at, history, horizon), spend.parameters(), x,
                                                 x == 0 ? 0 : net / static_cast<double>(x), lifetime.interval_level);
  const double factor =
      horizon > 0 ? DiscountedPurchases(at, history, horizon, rate) / ExpectedPurchases(at, history, horizon) * margin
                  : 0;
  out->predicted_spend_low = totals.low;
  out->predicted_spend_high = totals.high;
  std::tie(out->predicted_value_low, out->predicted_value_high) =
      std::minmax({totals.low * factor, totals.high * factor});
}

}  // namespace

CustomerOutlook OutlookOf(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules,
                          int32_t purchase_days, Day first_day, Day last_day, Day as_of, int64_t repeat_net_micros) {
  CustomerOutlook out;
  if (!lifetime.fit.fitted || purchase_days <= 0) return out;
  const double unit = lifetime.time_unit_days;
  const double horizon = rules.horizon_days / unit;
  const double rate = ContinuousRate(rules.discount_rate_annual, unit);
  const LifetimeParameters& at = lifetime.fit.parameters;
  const PurchaseHistory history = HistoryOf({purchase_days - 1, last_day - first_day, as_of - first_day}, unit);
  for (size_t i = 0; i < std::size(kNextPurchaseLevels); ++i) {
    out.next_purchase[i] = NextPurchaseDay(as_of, TimeToPurchase(at, history, kNextPurchaseLevels[i]), unit);
  }
  out.overdue_ratio = OverdueRatio(at, history);
  out.p_silence = ProbabilityOfSilence(at, history);
  const double level = lifetime.interval_level;
  std::vector<double> discounted;
  if (level > 0) {
    const CountInterval counts = CountIntervalOf(CountProbabilities(at, history, horizon), level);
    out.predicted_purchases_low = static_cast<int32_t>(counts.low);
    out.predicted_purchases_high = static_cast<int32_t>(counts.high);
    std::vector<double> alive, expected, none;
    for (const LifetimeParameters& drawn : DrawsFor(lifetime)) {
      alive.push_back(ProbabilityAlive(drawn, history));
      expected.push_back(ExpectedPurchases(drawn, history, horizon));
      none.push_back(ProbabilityNoPurchase(drawn, history, horizon));
      discounted.push_back(DiscountedPurchases(drawn, history, horizon, rate));
    }
    TakeEnds(alive, level, ProbabilityAlive(at, history), {&out.p_alive_low, &out.p_alive_high});
    TakeEnds(expected, level, ExpectedPurchases(at, history, horizon),
             {&out.expected_purchases_low, &out.expected_purchases_high});
    TakeEnds(none, level, ProbabilityNoPurchase(at, history, horizon),
             {&out.p_no_purchase_low, &out.p_no_purchase_high});
  }
  if (spend != nullptr && level > 0) TakeMoney(lifetime, *spend, rules, history, repeat_net_micros, discounted, &out);
  return out;
}

}  // namespace strata
