#include "model/churn/logistic_regression.h"

#include <algorithm>
#include <array>
#include <bit>
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
// Added to a double below 2^51 in magnitude, it leaves the nearest whole number (ties to even, as std::llrint) in the
// lowest bits.
constexpr double kToWholeUnits = 0x1.8p52;
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

LogisticAdder::LogisticAdder(const LogisticModel& model)
    : model_(model),
      width_(model.coefficients.size() + 1),
      stride_((width_ + kRoundUp) / kStep * kStep),
      mean_(stride_, 0),
      deviation_(stride_, 1),
      z_(stride_, 0),
      gradient_(stride_),
      hessian_(width_ * stride_) {
  std::copy(model.mean.begin(), model.mean.end(), mean_.begin() + 1);
  std::copy(model.deviation.begin(), model.deviation.end(), deviation_.begin() + 1);
}

void LogisticAdder::Add(std::span<const int64_t> features, bool outcome) {
  // Copies, because a sum that is stored might be a member for all that the compiler knows.
  const size_t width = width_, stride = stride_;
  double* const z = z_.data();
  for (size_t j = 1; j < width; ++j) z[j] = static_cast<double>(features[j - 1]) * kFromFeature;
  z[0] = 1;
  for (size_t j = 0; j < stride; ++j) z[j] = (z[j] - mean_[j]) / deviation_[j];
  std::array<int32_t, kStep> beyond{};
  for (size_t begin = 0; begin < stride; begin += kStep) {
    for (size_t j = 0; j < kStep; ++j) beyond[j] |= !(std::fabs(z[begin + j]) <= kStandardisedMax);
  }
  if ((beyond[0] | beyond[1] | beyond[2] | beyond[3]) != 0) return sums_.Add(model_, features, outcome);
  double predictor = model_.intercept;
  for (size_t j = 1; j < width; ++j) predictor = std::fma(model_.coefficients[j - 1], z[j], predictor);
  const double e = std::exp(-std::fabs(predictor));  // as Sigmoid and Softplus have it
  const double probability = predictor >= 0 ? 1 / (1 + e) : e / (1 + e);
  const double residual = outcome ? probability - 1 : probability;
  const double weight = probability * (1 - probability);
  sums_.loss += std::llrint((std::max(outcome ? -predictor : predictor, 0.0) + std::log1p(e)) * kToLikelihood);
  uint64_t* const gradient = gradient_.data();
  for (size_t j = 0; j < stride; ++j) {
    gradient[j] += std::bit_cast<uint64_t>(residual * z[j] * kToLikelihood + kToWholeUnits);
  }
  uint64_t* row = hessian_.data();
  for (size_t i = 0; i < width; ++i, row += stride) {
    const double scaled = weight * z[i] * kToHessian;
    for (size_t begin = 0; begin <= i; begin += kStep) {
      for (size_t j = begin; j < begin + kStep; ++j) row[j] += std::bit_cast<uint64_t>(scaled * z[j] + kToWholeUnits);
    }
  }
  if (++rows_ == kBlockRows) Flush();
}

void LogisticAdder::Flush() {
  if (rows_ == 0) return;
  const uint64_t offsets = rows_ * std::bit_cast<uint64_t>(kToWholeUnits);
  sums_.gradient.resize(width_);
  sums_.hessian.resize(TriangleIndex(width_, 0));
  for (size_t i = 0; i < width_; ++i) {
    sums_.gradient[i] += static_cast<int64_t>(gradient_[i] - offsets);
    for (size_t j = 0; j <= i; ++j) {
      sums_.hessian[TriangleIndex(i, j)] += static_cast<int64_t>(hessian_[i * stride_ + j] - offsets);
    }
  }
  std::fill(gradient_.begin(), gradient_.end(), 0);
  std::fill(hessian_.begin(), hessian_.end(), 0);
  rows_ = 0;
}

const LogisticSums& LogisticAdder::Finish() {
  Flush();
  return sums_;
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
