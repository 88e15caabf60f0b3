// How uncertain a quantity of one customer is because the parameters were estimated: the quantity at draws from the
// normal distribution of the logarithms of the parameters about the maximum, with the inverse of the observed
// information as covariance. The draws are keyed by a seed and their number alone, so that all customers, shards and
// machines see the same ones; ends of intervals are order statistics of the quantity over the draws.
//
// The quantity at a draw is its second-order Taylor polynomial in the logarithms, on a scale on which it is close to
// one (logarithm, logit): a few multiplications a draw. Where a standard error of a logarithm exceeds kTaylorErrorMax
// it has to be evaluated at every draw instead.
//
// Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/log_jet.h"

namespace strata {

inline constexpr int kParameterDraws = 128;
// Ends by Taylor are then within 2 % of the interval's width (MBG/NBD on CDNOW, with an error of 0.33: 4 %).
inline constexpr double kTaylorErrorMax = 0.3;

struct QuantityInterval {
  double low = 0;
  double high = 0;
};

class ParameterDraws {
 public:
  // Parameters without covariance (at a boundary) stay where they are. Precondition: the fit is fitted.
  ParameterDraws(const LifetimeFit& fit, uint64_t seed, int draws = kParameterDraws);

  const std::vector<LifetimeParameters>& parameters() const { return parameters_; }
  bool taylor_suffices() const { return taylor_suffices_; }

  // `level` of the draws lie inside, 0 < level < 1. Of a positive quantity, given its logarithm's derivatives; of a
  // probability, given those of its logarithm: on the logit scale. A probability of 0 or 1 stays what it is.
  QuantityInterval OfPositive(const LogJet& logarithm, double level) const;
  QuantityInterval OfProbability(const LogJet& logarithm, double level) const;
  // The slow way: evaluated at every draw.
  QuantityInterval OfAnything(const std::function<double(const LifetimeParameters&)>& quantity, double level) const;

 private:
  std::vector<double> Values(const LogJet& jet) const;

  std::vector<std::array<double, 4>> steps_;  // of the logarithms, by draw
  std::vector<LifetimeParameters> parameters_;
  bool taylor_suffices_ = true;
};

// Value, gradient and Hessian of a function of the parameters from differences at 15 points, relative error about 1e-6:
// for logarithms of quantities that have no derivatives of their own. Parameters that are 0 are left alone.
LogJet JetByDifferences(const LifetimeParameters& at, const std::function<double(const LifetimeParameters&)>& function);

}  // namespace strata
