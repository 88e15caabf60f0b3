// What the fitted models say about customers, many at a time: alive, purchases to come, spend and lifetime value. A
// customer's numbers are a function of the models, the rules and that customer's own columns, and of nothing else: not
// of who else is scored, in what order, or what was scored before.
//
// Lifetime value = expected spend per purchase * expected purchases in the horizon, each discounted continuously by
// (1 + rate)^-(years from the date to the purchase) (customer_value.h), times the margin factor of the model. How sure
// any of it is: outlook.h.
//
// Kinds. Purchases at any time: a history is (purchase days - 1, last - first day, date - first day) in time units.
// BG/BB: the profile's columns opportunities_x, _last and _n (discrete_table.h); a time unit is an opportunity, alive
// means there for the next one, the horizon is the whole opportunities in it, a purchase is an opportunity with a
// purchase day. Shifted-beta-geometric: contract_periods and contract_lost; a time unit is a period, alive means under
// contract (1 or 0), no purchase means no renewal: P(ended within the whole periods of the horizon); there are no
// purchases, spend or value.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "model/lifetime/scoring_rules.h"

namespace strata {

// By row of the customers scored. Numbers that are not known are NaN: all of them for a customer without a purchase day
// or a model that is not fitted; the last two without a spend model, or where not one customer has a positive repeat
// spend.
struct LifetimeColumns {
  std::vector<double> p_alive;             // at the date
  std::vector<double> expected_purchases;  // purchase days in the horizon
  std::vector<double> p_no_purchase;       // P(none in the horizon)
  std::vector<double> expected_spend;      // per purchase day, the job's currency. Where the population has no finite
                                           // mean, its median stands for it, and there is no value
  std::vector<double> lifetime_value;      // the job's currency
  std::vector<uint32_t> flags;             // kFlagSpendFromPopulation, kFlagSpendNotPositive

  void Resize(size_t customers);
};

// Immutable but for tables that fill as customers ask for them and never change a result; thread-safe. Some megabytes
// and some milliseconds for each count of purchases met: one is made per models, and kept as long as they are in use.
// Borrows nothing.
class LifetimeScorer {
 public:
  // `spend` may be null.
  LifetimeScorer(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules);
  ~LifetimeScorer();
  LifetimeScorer(const LifetimeScorer&) = delete;
  LifetimeScorer& operator=(const LifetimeScorer&) = delete;

  // The customers of `at` as of its date; `out` is replaced. The model's covariates, opportunities and contracts are
  // read from `profile`, which may be null where the model needs none: INTERNAL (COVARIATE_COLUMN, PROFILE_COLUMN)
  // where a column is missing.
  absl::Status Score(const CustomerColumns& at, const ColumnSet* profile, LifetimeColumns* out) const;

  // The same customers' outlook (outlook.h): nothing is known of those who have no score. `out` is replaced.
  absl::Status Outlook(const CustomerColumns& at, const ColumnSet* profile, std::vector<CustomerOutlook>* out) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// One customer by the forecasts themselves (forecast.h), without tables: what Score agrees with to 1e-10. Kinds of
// purchases at any time, no covariates.
struct LifetimeScore {
  double p_alive = std::numeric_limits<double>::quiet_NaN();
  double expected_purchases = std::numeric_limits<double>::quiet_NaN();
  double p_no_purchase = std::numeric_limits<double>::quiet_NaN();
  double expected_spend = std::numeric_limits<double>::quiet_NaN();
  double lifetime_value = std::numeric_limits<double>::quiet_NaN();
  uint32_t flags = 0;
};
LifetimeScore ScoreLifetime(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules,
                            int32_t purchase_days, Day first_day, Day last_day, Day as_of, int64_t repeat_net_micros);

// P(no purchase day in (as_of, as_of + horizon_days]) as the lifetime model sees it; NaN for a customer without a
// purchase day or a model that is not fitted.
double NoPurchaseProbability(const LifetimeModel& lifetime, int horizon_days, int32_t purchase_days, Day first_day,
                             Day last_day, Day as_of);

}  // namespace strata
