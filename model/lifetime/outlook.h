// How sure the models are of one customer, and when they expect them: what stands in CustomerOutlook
// (model/customer_score.h) and how it is found. LifetimeScorer::Outlook (value.h) does it for many customers; the
// functions here are its parts, for one.
//
// Intervals of estimation (called low, high): the quantity at 128 draws of the parameters from the normal distribution
// of their logarithms, keyed by LifetimeModel::draw_seed and the same for all customers (parameter_draws.h), or at the
// job's bootstrap replicates; the ends leave (1 - level) / 2 of the draws outside on each side. At a draw the quantity
// is its Taylor polynomial of second order in the logarithms of the parameters, on a scale on which it is nearly one:
// logits of probabilities, logarithms of the rest. Where an error of a logarithm exceeds kTaylorErrorMax, and for
// replicates, it is evaluated at every draw. Draws of the spend model are independent of those of the purchases'.
// Predictive intervals (called predicted): exact distributions at the estimate. Purchases: the least counts that are
// not exceeded with probability (1 -+ level) / 2. Spend: the mixture over counts of beta-prime sums
// (spend_distribution.h), its quantiles from tables (totals_to_come.h) to 3e-4. Value: the ends of the spend times
// discounted over expected purchases, as if all spend of a customer were discounted alike: an approximation.
// Money is times the margin factor. Without intervals (LifetimeModel::interval_level 0) neither kind is there.
#pragma once

#include <cstdint>
#include <optional>

#include "base/date.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/scoring_rules.h"

namespace strata {

// The probabilities of CustomerOutlook::next_purchase.
inline constexpr double kNextPurchaseLevels[] = {0.1, 0.5, 0.9};
// Later days are kBeyondDay.
inline constexpr int kNextPurchaseDaysMax = 36'500;

// The first day by which a purchase is made with the probability that `time` (TimeToPurchase, forecast.h; time units;
// absent: never) belongs to.
Day NextPurchaseDay(Day as_of, std::optional<double> time, double time_unit_days);

// One customer by the forecasts themselves and every draw in full, without tables or Taylor: some milliseconds. What
// LifetimeScorer::Outlook is held to. Kinds of purchases at any time, no covariates.
CustomerOutlook OutlookOf(const LifetimeModel& lifetime, const SpendModel* spend, const ScoringRules& rules,
                          int32_t purchase_days, Day first_day, Day last_day, Day as_of, int64_t repeat_net_micros);

}  // namespace strata
