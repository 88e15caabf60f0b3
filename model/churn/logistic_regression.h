// Logistic regression with an elastic net on the standardised coefficients (model/churn/elastic_net.h), by proximal
// Newton steps over merged sums. A round evaluates loss, gradient and Hessian at one point; every row's terms are rounded
// to a fixed grid and added as integers, so any grouping of rows gives the same coefficients. Plain values, not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/churn/elastic_net.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_moments.h"

namespace strata {

// P(y = 1) = 1 / (1 + exp(-(intercept + sum coefficients[j] (x[j] - mean[j]) / deviation[j]))).
struct LogisticModel {
  std::vector<double> mean;
  std::vector<double> deviation;  // > 0
  std::vector<double> coefficients;
  double intercept = 0;

  // `features` in units of 2^-kFeatureGridBits, as many as coefficients.
  double Probability(std::span<const int64_t> features) const;
  // The same of `rows` <= kKernelBlock rows by columns, into as many numbers and room (model/kernels/kernels.h).
  void Probabilities(ColumnsOfBlock features, size_t rows, const Kernels& kernels, double* probabilities) const;
  LogisticView View() const;

  void Encode(ByteWriter* writer) const;
  static LogisticModel Decode(ByteReader* reader);  // vectors of different lengths: no features
};

// Terms of loss and gradient lie on the likelihood grid (base/fixed_point.h). Terms of the Hessian grow with the square
// of a standardised feature, whose square is at most the number of rows: 2^-30 leaves room for 2^33 rows, and a Hessian
// that is a little off changes the way to the optimum, not the optimum.
inline constexpr int kHessianGridBits = 30;

// A Hessian of so many columns is half a megabyte of sums.
inline constexpr size_t kLogisticFeaturesMax = 255;

struct LogisticSums {
  Int128 loss = 0;
  std::vector<Int128> gradient;  // intercept first; empty: nothing added
  std::vector<Int128> hessian;   // lower triangle by rows

  // Adds rows of whole numbers, units of 2^-kFeatureGridBits, by columns; outcomes are 0 or 1. Preconditions:
  // rows <= kKernelBlock, room behind them, at most kLogisticFeaturesMax features, the same number in every call.
  void Add(const LogisticModel& model, ColumnsOfBlock features, const double* outcomes, size_t rows,
           const Kernels& kernels);
  void Merge(const LogisticSums& other);
  void Encode(ByteWriter* writer) const;
  static LogisticSums Decode(ByteReader* reader);
  bool operator==(const LogisticSums&) const = default;

 private:
  void AddLargeTerms(const LogisticTerms& terms, size_t rows);
};

class LogisticFit {
 public:
  static constexpr double kStepTolerance = 1e-9;   // Newton doubles the digits: the error left is far smaller
  static constexpr double kStallTolerance = 1e-6;  // below it a step that does not shrink is the grid's rounding
  static constexpr double kNearTolerance = 1e-3;   // of tens of thousands of rows
  static constexpr int kEvaluationsMax = 60;       // Newton needs 5 to 10; the rest are for halved steps
  static constexpr double kDecreaseShare = 1e-4;   // of the model's decrease that a step has to keep (Armijo 1966)

  // Standardises by `moments` (one per feature, of values in units of 2^-kFeatureGridBits; deviation 1 where constant)
  // and starts at the base rate. Precondition: 0 < positives < rows.
  LogisticFit(const std::vector<ExactMoments>& moments, int64_t positives, int64_t rows, const ElasticNet& penalty = {});

  bool done() const { return done_; }
  bool converged() const { return converged_; }
  // Where the next sums must be taken; once done, the fit.
  const LogisticModel& model() const { return model_; }
  int evaluations() const { return evaluations_; }

  // Takes sums at model(). Precondition: !done().
  void Absorb(const LogisticSums& sums);

  // Whether the last step was so small that other rows of the same kind would change the fit more.
  bool is_near() const { return step_max_ <= kNearTolerance; }
  // The search over more rows: from where this one, over some of them, stands when it is near its optimum or there;
  // else from the beginning.
  LogisticFit OverMoreRows() const;

 private:
  std::vector<double> Point() const;  // intercept, coefficients
  // What the model of the objective promises of step_: its slope along it.
  double SlopeOf(const std::vector<double>& gradient, const std::vector<double>& step) const;
  void MoveFromAccepted();

  LogisticModel model_;
  ElasticNet penalty_;
  double base_rate_intercept_ = 0;
  std::vector<double> accepted_;                               // intercept, coefficients: where the objective was least
  std::vector<double> step_;                                   // from accepted_ to model_
  double slope_ = 0;                                           // of the objective along step_, below 0
  double objective_ = 0;                                       // at accepted_
  double step_max_ = std::numeric_limits<double>::infinity();  // greatest element of the last Newton step
  double resolution_;  // of the objective: what rounding the rows' terms may add up to
  int evaluations_ = 0;
  bool converged_ = false;
  bool done_ = false;
};

}  // namespace strata
