// The penalty of the logistic model, and the step of a proximal Newton search under it (Lee, Sun, Saunders 2014, SIAM
// Journal on Optimization 24(3); Yuan, Ho, Lin 2012, JMLR 13):
//
//   F(b, w) = sum of log-losses + lambda (l1_ratio |w|_1 + (1 - l1_ratio) / 2 |w|_2^2)
//
// with w the coefficients of standardised columns and the intercept b free: scikit-learn's LogisticRegression with
// C = 1 / lambda. Pure functions in a fixed order of operations; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace strata {

struct ElasticNet {
  double lambda = 1;    // one row's worth of doubt on each coefficient; > 0
  double l1_ratio = 0;  // 0: ridge, 1: lasso

  double l1() const { return lambda * l1_ratio; }
  double l2() const { return lambda * (1 - l1_ratio); }
  bool operator==(const ElasticNet&) const = default;
};

// Of coefficients, without an intercept.
double PenaltyOf(const ElasticNet& penalty, std::span<const double> coefficients);

// What moves `point` (intercept first) to the least of the model of F about it:
//   gradient d + d' hessian d / 2 + l1 |w + d|_1,
// both of the smooth part of F (the ridge included), the Hessian's lower triangle by rows. With l1 = 0 by Cholesky's
// decomposition; else by coordinate descent with soft thresholds, and what is not zero then at once by Cholesky, until
// the conditions of an optimum hold. nullopt where the Hessian is not positive definite.
std::optional<std::vector<double>> NewtonStep(const std::vector<double>& hessian, const std::vector<double>& gradient,
                                              const std::vector<double>& point, double l1);

// How far `point` is from the conditions of an optimum: the greatest violation over coordinates.
double OptimalityGap(const std::vector<double>& gradient, const std::vector<double>& point, double l1);

}  // namespace strata
