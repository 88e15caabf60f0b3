#include "model/churn/logistic_regression.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/fixed_point.h"
#include "model/statistics/integer_sums.h"
#include "model/statistics/linear_algebra.h"
#include "model/statistics/log_transform.h"

namespace strata {
namespace {

constexpr double kFromFeature = 1.0 / (1 << kFeatureGridBits);
constexpr double kToLikelihood = static_cast<double>(int64_t{1} << kLikelihoodGridBits);
constexpr double kToHessian = static_cast<double>(int64_t{1} << kHessianGridBits);
constexpr double kRelativeResolution = 1e-12;  // of the objective's last additions in doubles

double Standardised(const LogisticModel& model, size_t j, int64_t feature) {
  return (static_cast<double>(feature) * kFromFeature - model.mean[j]) / model.deviation[j];
}

// log(1 + exp(x)) without overflow.
double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

double Sigmoid(double x) {
  const double e = std::exp(-std::fabs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

}  // namespace

double LogisticModel::Probability(std::span<const int64_t> features) const {
  double predictor = intercept;
  for (size_t j = 0; j < coefficients.size(); ++j) {
    predictor = std::fma(coefficients[j], Standardised(*this, j, features[j]), predictor);
  }
  return Sigmoid(predictor);
}

void LogisticModel::Encode(ByteWriter* writer) const {
  writer->Array(mean);
  writer->Array(deviation);
  writer->Array(coefficients);
  writer->F64(intercept);
}

LogisticModel LogisticModel::Decode(ByteReader* reader) {
  LogisticModel model;
  model.mean = reader->Array<double>();
  model.deviation = reader->Array<double>();
  model.coefficients = reader->Array<double>();
  model.intercept = reader->F64();
  const size_t features = model.coefficients.size();
  return model.mean.size() == features && model.deviation.size() == features ? model : LogisticModel();
}

void LogisticSums::Add(const LogisticModel& model, std::span<const int64_t> features, bool outcome) {
  const size_t width = model.coefficients.size() + 1;
  gradient.resize(width);
  hessian.resize(TriangleIndex(width, 0));
  std::array<double, kLogisticFeaturesMax + 1> z;  // on the stack: this runs once per row and round
  z[0] = 1;
  double predictor = model.intercept;
  for (size_t j = 1; j < width; ++j) {
    z[j] = Standardised(model, j - 1, features[j - 1]);
    predictor = std::fma(model.coefficients[j - 1], z[j], predictor);
  }
  const double probability = Sigmoid(predictor);
  const double residual = outcome ? probability - 1 : probability;
  const double weight = probability * (1 - probability);
  loss += std::llrint(Softplus(outcome ? -predictor : predictor) * kToLikelihood);
  size_t element = 0;
  for (size_t i = 0; i < width; ++i) {
    gradient[i] += std::llrint(residual * z[i] * kToLikelihood);
    const double scaled = weight * z[i] * kToHessian;
    for (size_t j = 0; j <= i; ++j) hessian[element++] += std::llrint(scaled * z[j]);
  }
}

void LogisticSums::Merge(const LogisticSums& other) {
  loss += other.loss;
  AddInto(&gradient, other.gradient);
  AddInto(&hessian, other.hessian);
}

void LogisticSums::Encode(ByteWriter* writer) const {
  writer->I128(loss);
  writer->Array(gradient);
  writer->Array(hessian);
}

LogisticSums LogisticSums::Decode(ByteReader* reader) {
  LogisticSums sums;
  sums.loss = reader->I128();
  sums.gradient = reader->Array<Int128>();
  sums.hessian = reader->Array<Int128>();
  return sums;
}

LogisticFit::LogisticFit(const std::vector<ExactMoments>& moments, int64_t positives, int64_t rows)
    : resolution_(std::ldexp(static_cast<double>(rows), -kLikelihoodGridBits)) {
  for (const ExactMoments& moment : moments) {
    const double deviation = std::ldexp(moment.Deviation(), -kFeatureGridBits);
    model_.mean.push_back(std::ldexp(moment.Mean(), -kFeatureGridBits));
    model_.deviation.push_back(deviation > 0 ? deviation : 1);
  }
  model_.coefficients.assign(moments.size(), 0);
  model_.intercept = std::log(static_cast<double>(positives) / static_cast<double>(rows - positives));
}

double LogisticFit::Penalty() const {
  double sum = 0;
  for (const double coefficient : model_.coefficients) sum = std::fma(coefficient, coefficient, sum);
  return kRidge / 2 * sum;
}

void LogisticFit::MoveFromAccepted() {
  model_.intercept = accepted_[0] - step_[0];
  for (size_t j = 1; j < accepted_.size(); ++j) model_.coefficients[j - 1] = accepted_[j] - step_[j];
}

void LogisticFit::Absorb(const LogisticSums& sums) {
  const size_t width = model_.coefficients.size() + 1;
  const double objective = FromGrid(sums.loss, kLikelihoodGridBits) + Penalty();
  ++evaluations_;
  const double noise = resolution_ + kRelativeResolution * (1 + std::fabs(objective_));
  if (evaluations_ > 1 && !(objective <= objective_ + noise)) {
    for (double& element : step_) element /= 2;
    MoveFromAccepted();
    done_ = evaluations_ >= kEvaluationsMax;
    return;
  }
  objective_ = objective;
  accepted_ = {model_.intercept};
  accepted_.insert(accepted_.end(), model_.coefficients.begin(), model_.coefficients.end());
  std::vector<double> gradient(width, 0);
  std::vector<double> hessian(TriangleIndex(width, 0), 0);
  for (size_t i = 0; i < std::min(width, sums.gradient.size()); ++i) {
    gradient[i] = FromGrid(sums.gradient[i], kLikelihoodGridBits) + (i > 0 ? kRidge * accepted_[i] : 0);
  }
  for (size_t i = 0; i < std::min(hessian.size(), sums.hessian.size()); ++i) {
    hessian[i] = FromGrid(sums.hessian[i], kHessianGridBits);
  }
  for (size_t i = 1; i < width; ++i) hessian[TriangleIndex(i, i)] += kRidge;
  const auto step = SolvePositiveDefinite(hessian, gradient);
  if (!step.has_value()) {
    done_ = true;
    return;
  }
  double step_max = 0;
  for (const double element : *step) step_max = std::max(step_max, std::fabs(element));
  const bool stalled = step_max <= kStallTolerance && step_max > step_max_ / 2;
  step_max_ = step_max;
  converged_ = step_max <= kStepTolerance || stalled;
  done_ = converged_ || evaluations_ >= kEvaluationsMax;
  if (done_) return;  // at the point that was evaluated
  step_ = *step;
  MoveFromAccepted();
}

}  // namespace strata
