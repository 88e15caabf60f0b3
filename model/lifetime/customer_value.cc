#include "model/lifetime/customer_value.h"

#include <cmath>

#include "model/lifetime/forecast.h"

namespace strata {

double ContinuousRate(double annual, double time_unit_days) {
  constexpr double kDaysPerYear = 365;
  return std::log1p(annual) * time_unit_days / kDaysPerYear;
}

CustomerValue ValueOf(const LifetimeParameters& at, const PurchaseHistory& history, const GammaGammaParameters& spend,
                      double mean_spend, const ValueRules& rules) {
  CustomerValue found;
  found.spend_from_population = history.x == 0 || !(mean_spend > 0);
  const int64_t known = found.spend_from_population ? 0 : history.x;
  if (!(spend.p * static_cast<double>(known) + spend.q > 1)) return found;
  found.spend = known == 0 ? PopulationSpend(spend) : ExpectedSpend(spend, known, mean_spend);
  found.value = *found.spend * DiscountedPurchases(at, history, rules.horizon, rules.rate);
  if (rules.rate > 0) found.residual = *found.spend * ResidualTransactions(at, history, rules.rate);
  return found;
}

}  // namespace strata
