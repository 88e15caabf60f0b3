// Logistic regression with a ridge on the standardised coefficients, by Newton's method over merged sums. A round
// evaluates loss, gradient and Hessian at one point; every row's terms are rounded to a fixed grid and added as
// integers, so any grouping of rows gives the same coefficients. Objective: sum of log-losses + ridge / 2 * sum of
// squared coefficients; the intercept is free. Plain values, not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
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

  void Encode(ByteWriter* writer) const;
  static LogisticModel Decode(ByteReader* reader);  // vectors of different lengths: no features
};

// Terms of loss and gradient lie on the likelihood grid (base/fixed_point.h). Terms of the Hessian grow with the square
// of a standardised feature, whose square is at most the number of rows: 2^-30 leaves room for 2^33 rows, and a Hessian
// that is a little off changes the way to the optimum, not the optimum.
inline constexpr int kHessianGridBits = 30;

inline constexpr size_t kLogisticFeaturesMax = 63;

struct LogisticSums {
  Int128 loss = 0;
  std::vector<Int128> gradient;  // intercept first; empty: nothing added
  std::vector<Int128> hessian;   // lower triangle by rows

  // Precondition: at most kLogisticFeaturesMax features, the same number in every call.
  void Add(const LogisticModel& model, std::span<const int64_t> features, bool outcome);
  void Merge(const LogisticSums& other);
  void Encode(ByteWriter* writer) const;
  static LogisticSums Decode(ByteReader* reader);
  bool operator==(const LogisticSums&) const = default;
};

// Adds many rows at one model to sums that equal those of LogisticSums::Add to the bit: terms are rounded by adding a
// number so large that doubles end at whole units, which vector instructions can do, and gathered in 64 bits for a
// block of rows. Not thread-safe; `model` must outlive it.
class LogisticAdder {
 public:
  explicit LogisticAdder(const LogisticModel& model);

  // As LogisticSums::Add.
  void Add(std::span<const int64_t> features, bool outcome);
  // The sums of all rows so far; empty without a row.
  const LogisticSums& Finish();

 private:
  // Rows and columns are gathered in steps of one vector, so a row of the triangle may run past its end.
  static constexpr size_t kStep = 4;
  static constexpr size_t kRoundUp = kStep - 1;
  // Terms are below 2^51 where a standardised value is at most this, else the row goes the slow way.
  static constexpr double kStandardisedMax = 2048;
  static constexpr uint32_t kBlockRows = 4096;  // sums of so many terms below 2^51 fit 64 bits

  void Flush();

  const LogisticModel& model_;
  size_t width_;                          // with the intercept
  size_t stride_;                         // width_, rounded up to whole vectors
  std::vector<double> mean_, deviation_;  // by element, the intercept's 0 and 1
  std::vector<double> z_;                 // the row at hand, standardised; z_[0] is 1
  std::vector<uint64_t> gradient_;        // modulo 2^64, each term with the rounding number's bits
  std::vector<uint64_t> hessian_;         // rows of stride_
  uint32_t rows_ = 0;                     // in the block at hand
  LogisticSums sums_;
};

class LogisticFit {
 public:
  static constexpr double kRidge = 1.0;            // one row's worth of doubt on each standardised coefficient
  static constexpr double kStepTolerance = 1e-9;   // Newton doubles the digits: the error left is far smaller
  static constexpr double kStallTolerance = 1e-6;  // below it a step that does not shrink is the grid's rounding
  static constexpr int kEvaluationsMax = 60;       // Newton needs 5 to 10; the rest are for halved steps

  // Standardises by `moments` (one per feature, of values in units of 2^-kFeatureGridBits; deviation 1 where constant)
  // and starts at the base rate. Precondition: 0 < positives < rows.
  LogisticFit(const std::vector<ExactMoments>& moments, int64_t positives, int64_t rows);

  bool done() const { return done_; }
  bool converged() const { return converged_; }
  // Where the next sums must be taken; once done, the fit.
  const LogisticModel& model() const { return model_; }
  int evaluations() const { return evaluations_; }

  // Takes sums at model(). Precondition: !done().
  void Absorb(const LogisticSums& sums);

 private:
  double Penalty() const;
  void MoveFromAccepted();

  LogisticModel model_;
  std::vector<double> accepted_;                               // intercept, coefficients: where the objective was least
  std::vector<double> step_;                                   // from accepted_ to model_, to be subtracted
  double objective_ = 0;                                       // at accepted_
  double step_max_ = std::numeric_limits<double>::infinity();  // greatest element of the last Newton step
  double resolution_;  // of the objective: what rounding the rows' terms may add up to
  int evaluations_ = 0;
  bool converged_ = false;
  bool done_ = false;
};

}  // namespace strata
