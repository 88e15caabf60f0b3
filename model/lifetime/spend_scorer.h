// What a spend model says of one customer: expected spend per purchase, how sure it is of it, and where the spend of
// all purchases to come will lie. A function of the model and of the customer's own spend.
//
// Immutable but for tables that fill and never change a result; thread-safe. Borrows nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/fitted_models.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/parameter_draws.h"
#include "model/lifetime/totals_to_come.h"

namespace strata {

class SpendScorer {
 public:
  // `spend` may be null. `draws` are for intervals; 0: none are asked for.
  SpendScorer(const SpendModel* spend, uint64_t seed, size_t draws);

  struct Spend {
    double expected = 0;    // per purchase day; NaN: not known
    bool has_mean = false;  // else `expected` is the median of a population without a finite mean, or not known
    bool from_population = false;
    bool not_positive = false;  // a repeat buyer whose mean repeat spend is <= 0
  };
  // A customer with x repeat purchases of `repeat_net_micros` in all.
  Spend Of(int64_t x, int64_t repeat_net_micros) const;

  // Whether the errors of the model are known.
  bool has_draws() const { return draws_ != nullptr; }
  // ln of the expected spend at every draw; +infinity where it has no finite mean there. `x` and the spend that count:
  // both 0 for who is scored by the population. Precondition: has_draws().
  void LogsAtDraws(int64_t x, double repeat_net, std::span<double> logs) const;

  const GammaGammaParameters& AtDraw(size_t draw) const { return at_draws_[draw]; }

  // Null: no distribution of spend is known.
  const TotalsToCome* totals() const { return totals_.get(); }
  // The distribution of sums of n purchases is in units of it.
  double UnitOf(double repeat_net) const { return parameters_.v + repeat_net; }
  const GammaGammaParameters& parameters() const { return parameters_; }

 private:
  bool known_ = false;  // at least the mean of customers' means
  bool fitted_ = false;
  GammaGammaParameters parameters_;
  double population_ = 0;
  bool population_has_mean_ = false;
  std::unique_ptr<const ParameterDraws> draws_;
  std::vector<GammaGammaParameters> at_draws_;
  double q_error_ = 0;
  std::unique_ptr<const TotalsToCome> totals_;
};

}  // namespace strata
