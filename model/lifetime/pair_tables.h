// The expensive part of scoring, tabled: what a customer who is alive will do depends on x and T alone (with regular
// timing also on the hits since t_x), smoothly in ln(alpha + T). So each x has Chebyshev series of the logarithms of
// expected, discounted and residual purchases, made when x is first asked for, and a customer costs a few dozen
// multiplications. They agree with the forecasts themselves (forecast.h) to 1e-10, but not to the bit; which of the two
// is used follows from the model, the rules and x alone, never from who else asks.
//
// Thread-safe. Not for kBgBb and kSbg, where there are few distinct histories.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/special/chebyshev.h"

namespace strata {

struct PairRules {
  double horizon = 0;  // time units; 0 or more
  double rate = 0;     // of discount, continuous, per time unit; 0 or more
  double T_max = 0;    // the oldest customer's T, time units; above 0
};

struct PairForecast {
  double expected = 0;    // purchases within the horizon
  double discounted = 0;  // the same, discounted
  double residual = 0;    // all to come, discounted; NaN without discounting: there is no finite number
};

class PairTables {
 public:
  // Customers with more repeat purchases are forecast directly.
  static constexpr int64_t kTabledX = 1023;

  PairTables(const LifetimeParameters& at, const PairRules& rules);
  ~PairTables();
  PairTables(const PairTables&) = delete;
  PairTables& operator=(const PairTables&) = delete;

  // While alive at T <= T_max, j hits since t_x.
  PairForecast WhileAlive(int64_t x, double T, int j = 0) const;
  // Times P(alive), over the hits.
  PairForecast Of(const PurchaseHistory& history) const;

 private:
  struct Row;

  PairForecast Direct(int64_t x, double T, int j) const;
  const Row& RowOf(int64_t x, int j) const;

  LifetimeParameters at_;
  PairRules rules_;
  mutable std::vector<std::unique_ptr<Row>> rows_;  // by x and j
  std::unique_ptr<std::once_flag[]> made_;
};

}  // namespace strata
