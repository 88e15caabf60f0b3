#include "serving/expected_by_period.h"

#include <algorithm>

#include "model/lifetime/forecast.h"
#include "model/lifetime/scoring_rules.h"

namespace strata {

std::vector<float> ExpectedByPeriod(const CustomerScore& score, Day as_of, const FittedModels& models) {
  if (!models.lifetime.has_value() || score.purchase_days == 0) return {};
  const LifetimeModel& model = *models.lifetime;
  const LifetimeKind kind = model.fit.parameters.kind;
  const bool has_covariates = model.covariates.has_value() && model.covariates->fit.fitted;
  if (!model.fit.fitted || has_covariates || kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg) return {};
  const PurchaseHistory history{.x = score.purchase_days - 1,
                                .t_x = (score.last_day - score.first_day) / model.time_unit_days,
                                .T = (as_of - score.first_day) / model.time_unit_days};
  std::vector<float> periods;
  double before = 0;
  for (int day = 0; day < models.lifetime_horizon_days;) {
    day = std::min(day + kValueStepDays, models.lifetime_horizon_days);
    const double until = ExpectedPurchases(model.fit.parameters, history, day / model.time_unit_days);
    periods.push_back(static_cast<float>(until - before));
    before = until;
  }
  return periods;
}

}  // namespace strata
