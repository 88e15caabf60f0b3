// What a customer is worth: purchases to come times spend per purchase, which the models take as independent. Fader,
// Hardie and Lee (2005), J. Marketing Research 42(4) 415-430: expected spend times discounted expected transactions.
//
// Pure functions, thread-safe.
#pragma once

#include <optional>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

struct ValueRules {
  double horizon = 0;  // time units; 0 or more
  double rate = 0;     // of discount, continuous, per time unit; 0 or more. BG/BB: per opportunity
};

// ln(1 + annual) over the time units of a year of 365 days. Precondition: annual > -1.
double ContinuousRate(double annual, double time_unit_days);

struct CustomerValue {
  // Per purchase. Absent where it has no finite mean: q <= 1 for who has no spend of their own, p x + q <= 1 for
  // others.
  std::optional<double> spend;
  bool spend_from_population = false;  // no own spend went into it: x = 0, or a mean that is not positive
  std::optional<double> value;         // over the horizon, discounted; absent without a spend
  std::optional<double> residual;      // over all time; absent without a spend, and without discounting
};

// `mean_spend` of the x repeat purchases; not looked at for x = 0. Precondition: a history of the model.
CustomerValue ValueOf(const LifetimeParameters& at, const PurchaseHistory& history, const GammaGammaParameters& spend,
                      double mean_spend, const ValueRules& rules);

}  // namespace strata
