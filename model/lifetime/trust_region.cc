#include "model/lifetime/trust_region.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr double kFirstRadius = 1.0;  // a factor e: starts are within an order of magnitude
constexpr double kRadiusMax = 3.0;    // one step never changes a parameter by more than a factor 20
constexpr double kRadiusMin = 1e-13;  // below this a step does not change the doubles
// Beyond e^35 or below e^-35 a parameter stands for infinity or zero: the function runs along a ridge.
constexpr double kVariableMax = 35.0;
constexpr double kStepConverged =
    1e-8;                               // relative change of the parameters; quadratic convergence squares it once more
constexpr double kStepRidge = 0.1;      // with a vanishing gradient, such a Newton step means no curvature
constexpr double kGainAccepted = 1e-4;  // least share of the predicted gain
constexpr double kNoise = 32 * std::numeric_limits<double>::epsilon();  // relative rounding noise of a function value

template <int N>
using Vector = Eigen::Matrix<double, N, 1>;
template <int N>
using Matrix = Eigen::Matrix<double, N, N>;

template <int N>
struct Curvature {  // eigenvalues (ascending) and vectors of the negative Hessian
  Vector<N> values;
  Matrix<N> vectors;
};

template <int N>
Vector<N> GradientOf(const Derivatives<N>& at) {
  Vector<N> gradient;
  for (int i = 0; i < N; ++i) gradient(i) = at.gradient[static_cast<size_t>(i)];
  return gradient;
}

template <int N>
Curvature<N> CurvatureOf(const Derivatives<N>& at) {
  Matrix<N> negative;
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) negative(i, j) = -at.hessian[static_cast<size_t>(i)][static_cast<size_t>(j)];
  }
  const Eigen::SelfAdjointEigenSolver<Matrix<N>> solver(negative);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

template <int N>
Vector<N> ShiftedStep(const Curvature<N>& curvature, const Vector<N>& rotated_gradient, double shift) {
  return rotated_gradient.cwiseQuotient((curvature.values.array() + shift).matrix());
}

// The maximiser of the quadratic model within the radius, in the eigenbasis.
template <int N>
Vector<N> StepWithin(const Curvature<N>& curvature, const Vector<N>& rotated_gradient, double radius) {
  if (curvature.values(0) > 0) {
    const Vector<N> newton = ShiftedStep<N>(curvature, rotated_gradient, 0);
    if (newton.norm() <= radius) return newton;
  }
  // The norm falls as the shift grows; above `high` it is within the radius.
  const double scale = std::max(curvature.values.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  const double floor = std::max(0.0, -curvature.values(0)) + 1e-14 * scale;
  double low = floor;
  double high = floor + rotated_gradient.norm() / radius + scale * 1e-14;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    if (ShiftedStep<N>(curvature, rotated_gradient, middle).norm() > radius) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return ShiftedStep<N>(curvature, rotated_gradient, high);
}

template <int N>
bool IsFinite(const Derivatives<N>& found) {
  bool finite = std::isfinite(found.value);
  for (double entry : found.gradient) finite = finite && std::isfinite(entry);
  for (const auto& row : found.hessian) {
    for (double entry : row) finite = finite && std::isfinite(entry);
  }
  return finite;
}

}  // namespace

template <int N>
TrustRegionNewton<N>::TrustRegionNewton(const Point& start, double gradient_tolerance, int iterations_max)
    : gradient_tolerance_(gradient_tolerance), iterations_max_(iterations_max), trial_(start), radius_(kFirstRadius) {}

template <int N>
double TrustRegionNewton<N>::gradient_norm() const {
  return GradientOf(at_best_).norm();
}

template <int N>
void TrustRegionNewton<N>::Report(const std::optional<Derivatives<N>>& found) {
  if (state_ != MaximiserState::kRunning) return;
  ++iterations_;
  const bool usable = found.has_value() && IsFinite(*found);
  if (!has_best_ && !usable) {
    state_ = MaximiserState::kStalled;
    return;
  }
  if (usable && (!has_best_ || Accepts(*found))) {
    best_ = trial_;
    at_best_ = *found;
    has_best_ = true;
    Judge();
  } else {
    if (!usable) radius_ = 0.25 * step_norm_;
    // Where only noise is left to gain and the gradient is small, the best point is as good as doubles can tell.
    if (usable && predicted_gain_ <= kNoise * std::fabs(at_best_.value) && gradient_norm() <= gradient_tolerance_) {
      state_ = MaximiserState::kConverged;
    }
  }
  if (state_ == MaximiserState::kRunning && iterations_ >= iterations_max_) state_ = MaximiserState::kOutOfIterations;
  if (state_ == MaximiserState::kRunning) Propose();
}

template <int N>
bool TrustRegionNewton<N>::Accepts(const Derivatives<N>& found) {
  const double gain = found.value - at_best_.value;
  // Differences of values are rounding noise near the maximum; the gradient still tells better from worse there.
  if (predicted_gain_ <= kNoise * std::fabs(at_best_.value)) {
    const bool better = GradientOf(found).norm() < gradient_norm();
    if (!better) radius_ = 0.25 * step_norm_;
    return better;
  }
  const double share = gain / predicted_gain_;
  if (share < 0.25) {
    radius_ = 0.25 * step_norm_;
  } else if (share > 0.75 && step_norm_ > 0.8 * radius_) {
    radius_ = std::min(2 * radius_, kRadiusMax);
  }
  return share > kGainAccepted;
}

template <int N>
void TrustRegionNewton<N>::Judge() {
  if (gradient_norm() > gradient_tolerance_) return;
  const Curvature<N> curvature = CurvatureOf(at_best_);
  if (!(curvature.values(0) > 0)) {
    state_ = MaximiserState::kRidge;
    return;
  }
  const Vector<N> rotated = curvature.vectors.transpose() * GradientOf(at_best_);
  const double newton = ShiftedStep<N>(curvature, rotated, 0).norm();
  if (newton <= kStepConverged) state_ = MaximiserState::kConverged;
  if (newton >= kStepRidge) state_ = MaximiserState::kRidge;
}

template <int N>
void TrustRegionNewton<N>::Propose() {
  if (radius_ < kRadiusMin) {
    state_ = MaximiserState::kStalled;
    return;
  }
  const Curvature<N> curvature = CurvatureOf(at_best_);
  const Vector<N> rotated = curvature.vectors.transpose() * GradientOf(at_best_);
  const Vector<N> rotated_step = StepWithin<N>(curvature, rotated, radius_);
  const Vector<N> step = curvature.vectors * rotated_step;
  step_norm_ = step.norm();
  predicted_gain_ = rotated.dot(rotated_step) - 0.5 * rotated_step.dot(curvature.values.cwiseProduct(rotated_step));
  if (!(step_norm_ > 0)) {
    state_ = gradient_norm() <= gradient_tolerance_ ? MaximiserState::kConverged : MaximiserState::kStalled;
    return;
  }
  for (int i = 0; i < N; ++i) {
    const auto index = static_cast<size_t>(i);
    trial_[index] = best_[index] + step(i);
    if (std::fabs(trial_[index]) > kVariableMax) state_ = MaximiserState::kRidge;
  }
}

template <int N>
std::optional<std::array<double, N>> StandardErrors(const Derivatives<N>& at_maximum) {
  const Curvature<N> curvature = CurvatureOf(at_maximum);
  if (!(curvature.values(0) > 0)) return std::nullopt;
  std::array<double, N> errors{};
  for (int i = 0; i < N; ++i) {
    double variance = 0;
    for (int k = 0; k < N; ++k) variance += curvature.vectors(i, k) * curvature.vectors(i, k) / curvature.values(k);
    errors[static_cast<size_t>(i)] = std::sqrt(variance);
  }
  return errors;
}

template class TrustRegionNewton<2>;
template class TrustRegionNewton<3>;
template class TrustRegionNewton<4>;
template std::optional<std::array<double, 2>> StandardErrors<2>(const Derivatives<2>&);
template std::optional<std::array<double, 3>> StandardErrors<3>(const Derivatives<3>&);
template std::optional<std::array<double, 4>> StandardErrors<4>(const Derivatives<4>&);

}  // namespace strata
