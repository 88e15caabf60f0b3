// The expensive part of scoring, tabled: what a customer who is alive will do depends on x and T alone (with regular
// timing also on the hits since t_x), smoothly in ln(alpha + T). So each x has Chebyshev series of the logarithms of
// expected, discounted and residual purchases and of P(none), and, where asked for, of their derivatives in the
// parameters, made when x is first asked for; a customer costs a few dozen multiplications. They agree with the
// forecasts themselves (forecast.h) to 1e-10, but not to the bit; which of the two is used follows from the model, the
// rules, x and T alone, never from who else asks.
//
// Thread-safe. Not for kBgBb and kSbg, where there are few distinct histories.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/log_jet.h"

namespace strata {

struct PairRules {
  double horizon = 0;  // time units; 0 or more
  double rate = 0;     // of discount, continuous, per time unit; 0 or more
  double T_max = 0;    // the oldest customer's T, time units; older ones, or all where it is 0, are forecast directly
  double gap_min = 0;  // between two purchases, time units: nobody has x purchases before x times this
  // Steps for `stepped`: their ends, ascending, and the factors of discount of purchases in them. Empty: not asked for.
  std::vector<double> step_ends, step_factors;
  // Expected and discounted purchases and P(none) alone, discounted to 1e-5: for draws of parameters.
  bool is_rough = false;
  // Neither residual nor never, which scores do not ask for; all else to the same bits. Without tables alone.
  bool for_scores = false;
};

struct PairForecast {
  double expected = 0;    // purchases within the horizon
  double discounted = 0;  // the same, discounted
  double stepped = 0;     // the same, discounted by steps
  double residual = 0;    // all to come, discounted; NaN without discounting: there is no finite number
  double none = 1;        // P(no purchase within the horizon)
  double never = 0;       // P(no purchase ever)
};

// With their derivatives, to 1e-4: what the errors of parameters do to a forecast.
struct PairJets {
  LogJet expected, discounted;  // the logarithms
  LogJet none;                  // the logit of P(no purchase within the horizon)
};

class PairTables {
 public:
  // Customers with more repeat purchases are forecast directly.
  static constexpr int64_t kTabledX = 1023;

  PairTables(const LifetimeParameters& at, PairRules rules);
  // Of many parameters with the same rules.
  PairTables(const LifetimeParameters& at, std::shared_ptr<const PairRules> rules);
  ~PairTables();
  PairTables(const PairTables&) = delete;
  PairTables& operator=(const PairTables&) = delete;

  const LifetimeParameters& parameters() const { return at_; }
  const PairRules& rules() const { return *rules_; }

  // While alive at T, j hits since t_x.
  PairForecast WhileAlive(int64_t x, double T, int j = 0) const;
  // Precondition: horizon > 0.
  PairJets JetsWhileAlive(int64_t x, double T, int j = 0) const;
  // Of a customer who may have dropped out, `odds` of AliveOddsOf: means over that and over the hits.
  PairForecast Of(const PurchaseHistory& history, const AliveOdds& odds) const;

 private:
  struct Row;
  struct Jets;

  bool IsTabled(int64_t x, double T) const;
  const Row& RowOf(int64_t x, int j) const;
  const Jets& JetsOf(int64_t x, int j) const;

  LifetimeParameters at_;
  std::shared_ptr<const PairRules> rules_;
  mutable std::vector<std::unique_ptr<Row>> rows_;  // by x and j
  mutable std::vector<std::unique_ptr<Jets>> jets_;
  std::unique_ptr<std::once_flag[]> row_made_, jets_made_;
};

}  // namespace strata
