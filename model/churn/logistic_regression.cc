#include "model/churn/logistic_regression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "base/fixed_point.h"
#include "model/statistics/integer_sums.h"
#include "model/statistics/linear_algebra.h"

namespace strata {
namespace {

constexpr double kToLikelihood = static_cast<double>(int64_t{1} << kLikelihoodGridBits);
constexpr double kToHessian = static_cast<double>(int64_t{1} << kHessianGridBits);
constexpr double kRelativeResolution = 1e-12;  // of the objective's last additions in doubles

// Room for the terms of a block; the kernel writes whatever is read.
struct TermsRoom {
  explicit TermsRoom(size_t width) : z(std::make_unique_for_overwrite<double[]>(width * kKernelBlock)) {}
  LogisticTerms view() { return {z.get(), residual.data(), weight.data(), loss.data()}; }

  std::unique_ptr<double[]> z;
  std::array<double, kKernelBlock> residual, weight, loss;
};

}  // namespace

LogisticView LogisticModel::View() const {
  return {mean.data(), deviation.data(), coefficients.data(), intercept, coefficients.size()};
}

double LogisticModel::Probability(std::span<const int64_t> features) const {
  std::vector<double> columns(coefficients.size() * kKernelBlock);
  for (size_t j = 0; j < coefficients.size(); ++j) columns[j * kKernelBlock] = static_cast<double>(features[j]);
  std::array<double, kLanesMax> probabilities;
  Probabilities(columns.data(), 1, PlainKernels(), probabilities.data());
  return probabilities[0];
}

void LogisticModel::Probabilities(ColumnsOfBlock features, size_t rows, const Kernels& kernels,
                                  double* probabilities) const {
  kernels.logistic_probability(View(), features, rows, probabilities);
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

void LogisticSums::Add(const LogisticModel& model, ColumnsOfBlock features, const double* outcomes, size_t rows,
                       const Kernels& kernels) {
  const size_t width = model.coefficients.size() + 1;
  gradient.resize(width);
  hessian.resize(TriangleIndex(width, 0));
  TermsRoom room(width);
  const LogisticTerms terms = room.view();
  kernels.logistic_terms(model.View(), features, rows, outcomes, terms);
  for (size_t i = 0; i < rows; ++i) loss += static_cast<int64_t>(terms.loss[i]);
  std::array<int64_t, kLogisticFeaturesMax + 1> gradient_sums;
  std::vector<int64_t> hessian_sums(hessian.size());
  if (kernels.logistic_sums(terms, width, rows, gradient_sums.data(), hessian_sums.data())) {
    for (size_t i = 0; i < width; ++i) gradient[i] += gradient_sums[i];
    for (size_t i = 0; i < hessian.size(); ++i) hessian[i] += hessian_sums[i];
    return;
  }
  AddLargeTerms(terms, rows);
}

// What no kernel's sum can hold: features that are hundreds of deviations from the mean.
void LogisticSums::AddLargeTerms(const LogisticTerms& terms, size_t rows) {
  for (size_t row = 0; row < rows; ++row) {
    size_t element = 0;
    for (size_t i = 0; i < gradient.size(); ++i) {
      const double z = terms.z[i * kKernelBlock + row];
      gradient[i] += std::llrint(terms.residual[row] * kToLikelihood * z);
      const double scaled = terms.weight[row] * z * kToHessian;
      for (size_t j = 0; j <= i; ++j) hessian[element++] += std::llrint(scaled * terms.z[j * kKernelBlock + row]);
    }
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

LogisticFit::LogisticFit(const std::vector<ExactMoments>& moments, int64_t positives, int64_t rows,
                         const ElasticNet& penalty)
    : penalty_(penalty), resolution_(std::ldexp(static_cast<double>(rows), -kLikelihoodGridBits)) {
  for (const ExactMoments& moment : moments) {
    const double deviation = std::ldexp(moment.Deviation(), -kFeatureGridBits);
    model_.mean.push_back(std::ldexp(moment.Mean(), -kFeatureGridBits));
    model_.deviation.push_back(deviation > 0 ? deviation : 1);
  }
  model_.coefficients.assign(moments.size(), 0);
  base_rate_intercept_ = std::log(static_cast<double>(positives) / static_cast<double>(rows - positives));
  model_.intercept = base_rate_intercept_;
}

LogisticFit LogisticFit::OverMoreRows() const {
  LogisticFit fit = *this;
  fit.accepted_.clear();
  fit.step_.clear();
  fit.objective_ = 0;
  fit.step_max_ = std::numeric_limits<double>::infinity();
  fit.evaluations_ = 0;
  fit.converged_ = fit.done_ = false;
  if (converged_ || is_near()) return fit;
  fit.model_.intercept = base_rate_intercept_;
  std::fill(fit.model_.coefficients.begin(), fit.model_.coefficients.end(), 0.0);
  return fit;
}

std::vector<double> LogisticFit::Point() const {
  std::vector<double> point = {model_.intercept};
  point.insert(point.end(), model_.coefficients.begin(), model_.coefficients.end());
  return point;
}

double LogisticFit::SlopeOf(const std::vector<double>& gradient, const std::vector<double>& step) const {
  double slope = 0;
  for (size_t i = 0; i < step.size(); ++i) {
    slope = std::fma(gradient[i], step[i], slope);
    if (i > 0) slope += penalty_.l1() * (std::fabs(accepted_[i] + step[i]) - std::fabs(accepted_[i]));
  }
  return slope;
}

void LogisticFit::MoveFromAccepted() {
  model_.intercept = accepted_[0] + step_[0];
  for (size_t j = 1; j < accepted_.size(); ++j) model_.coefficients[j - 1] = accepted_[j] + step_[j];
}

void LogisticFit::Absorb(const LogisticSums& sums) {
  const size_t width = model_.coefficients.size() + 1;
  const double objective = FromGrid(sums.loss, kLikelihoodGridBits) + PenaltyOf(penalty_, model_.coefficients);
  ++evaluations_;
  const double noise = resolution_ + kRelativeResolution * (1 + std::fabs(objective_));
  if (evaluations_ > 1 && !(objective <= objective_ + kDecreaseShare * slope_ + noise)) {
    for (double& element : step_) element /= 2;
    slope_ /= 2;
    MoveFromAccepted();
    done_ = evaluations_ >= kEvaluationsMax;
    return;
  }
  objective_ = objective;
  accepted_ = Point();
  std::vector<double> gradient(width, 0);
  std::vector<double> hessian(TriangleIndex(width, 0), 0);
  for (size_t i = 0; i < std::min(width, sums.gradient.size()); ++i) {
    gradient[i] = FromGrid(sums.gradient[i], kLikelihoodGridBits) + (i > 0 ? penalty_.l2() * accepted_[i] : 0);
  }
  for (size_t i = 0; i < std::min(hessian.size(), sums.hessian.size()); ++i) {
    hessian[i] = FromGrid(sums.hessian[i], kHessianGridBits);
  }
  for (size_t i = 1; i < width; ++i) hessian[TriangleIndex(i, i)] += penalty_.l2();
  const auto step = NewtonStep(hessian, gradient, accepted_, penalty_.l1());
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
  slope_ = SlopeOf(gradient, step_);
  MoveFromAccepted();
}

}  // namespace strata
