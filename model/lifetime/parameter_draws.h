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
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/lifetime/lifetime_fit.h"
#include "model/lifetime/log_jet.h"

namespace strata {

inline constexpr int kParameterDraws = 128;
// Ends by Taylor are then within 2 % of the interval's width (MBG/NBD on CDNOW, with an error of 0.33: 4 %).
inline constexpr double kTaylorErrorMax = 0.3;

struct QuantityInterval {
  double low = 0;
  double high = 0;
};

// Order statistics: `level` of the values lie inside, 0 < level < 1, the same number of them outside on either side.
// Precondition: at least one value, none of them NaN.
QuantityInterval EndsOf(std::span<const double> values, double level);

// From the logarithm of a probability p to its logit; q is 1 - p.
LogJet LogitOf(const LogJet& logarithm, double q);

class ParameterDraws {
 public:
  // Draws of different purposes with the same seed are independent.
  enum class Of : uint64_t { kPurchases = 0x6c69666574696d65, kSpend = 0x7370656e642d6f66 };

  // What the draws are made of: of each, four numbers from the standard normal distribution.
  using Normals = std::vector<std::array<double, 4>>;
  static Normals NormalsOf(Of purpose, uint64_t seed, int draws);

  // Parameters without covariance (at a boundary) stay where they are. Precondition: the fit is fitted.
  ParameterDraws(const LifetimeFit& fit, uint64_t seed, int draws = kParameterDraws);
  // The same by NormalsOf(kPurchases, seed, draws), for many fits with the same seed.
  ParameterDraws(const LifetimeFit& fit, const Normals& normals);
  // Of any up to four parameters, given the covariance of their logarithms.
  ParameterDraws(const std::array<std::array<double, 4>, 4>& covariance, Of purpose, uint64_t seed, int draws);

  size_t draws() const { return draws_; }
  // Of a fit's draws alone.
  std::vector<LifetimeParameters> parameters() const;
  // Of the logarithms, by draw.
  const std::vector<std::array<double, 4>>& steps() const { return steps_; }
  bool taylor_suffices() const { return taylor_suffices_; }

  // `level` of the draws lie inside, 0 < level < 1. Of a positive quantity, given its logarithm's derivatives; of a
  // probability, given those of its logarithm: on the logit scale. A probability of 0 or 1 stays what it is.
  QuantityInterval OfPositive(const LogJet& logarithm, double level) const;
  QuantityInterval OfProbability(const LogJet& logarithm, double level) const;
  // The slow way: evaluated at every draw.
  QuantityInterval OfAnything(const std::function<double(const LifetimeParameters&)>& quantity, double level) const;

  // The polynomial at every draw; `values` has room for draws().
  void Values(const LogJet& jet, std::span<double> values) const;

 private:
  void TakeDraws(const std::array<std::array<double, 4>, 4>& covariance, const Normals& normals);

  size_t draws_;
  LifetimeParameters at_;
  std::vector<std::array<double, 4>> steps_;
  std::vector<double> monomials_;  // of the steps, in the order of a jet's numbers: each at every draw
  bool taylor_suffices_ = true;
};

// Value, gradient and Hessian of a function of the parameters from differences at 15 points, relative error about 1e-6:
// for logarithms of quantities that have no derivatives of their own. Parameters that are 0 are left alone.
LogJet JetByDifferences(const LifetimeParameters& at, const std::function<double(const LifetimeParameters&)>& function);

}  // namespace strata
