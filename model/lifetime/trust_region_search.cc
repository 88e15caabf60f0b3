#include "model/lifetime/trust_region_search.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace strata {
namespace {

constexpr double kFirstRadius = 1.0;  // a factor e: starts are within an order of magnitude
constexpr double kRadiusMax = 3.0;    // one step never changes a parameter by more than a factor 20
constexpr double kRadiusMin = 1e-13;  // below this a step does not change the doubles
// Beyond e^35 or below e^-35 a parameter stands for infinity or zero: the function runs along a ridge.
constexpr double kVariableMax = 35.0;
// Relative change of the parameters; quadratic convergence squares it once more.
constexpr double kStepConverged = 1e-8;
constexpr double kStepRidge = 0.1;      // with a vanishing gradient, such a Newton step means no curvature
constexpr double kGainAccepted = 1e-4;  // least share of the predicted gain
constexpr double kNoise = 32 * std::numeric_limits<double>::epsilon();  // relative rounding noise of a function value

using Vector = Eigen::VectorXd;

struct Eigenbasis {  // of the negative Hessian, eigenvalues ascending
  Vector values;
  Eigen::MatrixXd vectors;
};

Eigenbasis EigenbasisOf(const DynamicDerivatives& at) {
  const auto size = static_cast<Eigen::Index>(at.gradient.size());
  const Eigen::Map<const Eigen::MatrixXd> hessian(at.hessian.data(), size, size);  // symmetric
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(-hessian);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

Vector GradientOf(const DynamicDerivatives& at) {
  return Eigen::Map<const Vector>(at.gradient.data(), static_cast<Eigen::Index>(at.gradient.size()));
}

Vector ShiftedStep(const Eigenbasis& basis, const Vector& rotated_gradient, double shift) {
  return rotated_gradient.cwiseQuotient((basis.values.array() + shift).matrix());
}

// The maximiser of the quadratic model within the radius, in the eigenbasis.
Vector StepWithin(const Eigenbasis& basis, const Vector& rotated_gradient, double radius) {
  if (basis.values(0) > 0) {
    Vector newton = ShiftedStep(basis, rotated_gradient, 0);
    if (newton.norm() <= radius) return newton;
  }
  const double scale = std::max(basis.values.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  const double floor = std::max(0.0, -basis.values(0)) + 1e-14 * scale;
  double low = floor;
  double high = floor + rotated_gradient.norm() / radius + scale * 1e-14;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (ShiftedStep(basis, rotated_gradient, middle).norm() > radius ? low : high) = middle;
  }
  return ShiftedStep(basis, rotated_gradient, high);
}

bool IsFinite(const DynamicDerivatives& found) {
  const auto finite = [](double entry) { return std::isfinite(entry); };
  return std::isfinite(found.value) && std::all_of(found.gradient.begin(), found.gradient.end(), finite) &&
         std::all_of(found.hessian.begin(), found.hessian.end(), finite);
}

}  // namespace

TrustRegionSearch::TrustRegionSearch(std::vector<double> start, double gradient_tolerance, int iterations_max)
    : gradient_tolerance_(gradient_tolerance),
      iterations_max_(iterations_max),
      trial_(std::move(start)),
      radius_(kFirstRadius) {}

double TrustRegionSearch::gradient_norm() const { return GradientOf(at_best_).norm(); }

void TrustRegionSearch::Report(const std::optional<DynamicDerivatives>& found) {
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
  } else if (!usable) {
    radius_ = 0.25 * step_norm_;
  } else if (predicted_gain_ <= kNoise * std::fabs(at_best_.value) && gradient_norm() <= gradient_tolerance_) {
    state_ = MaximiserState::kConverged;  // only noise is left to gain
  }
  if (state_ == MaximiserState::kRunning && iterations_ >= iterations_max_) state_ = MaximiserState::kOutOfIterations;
  if (state_ == MaximiserState::kRunning) Propose();
}

bool TrustRegionSearch::Accepts(const DynamicDerivatives& found) {
  // Differences of values are rounding noise near the maximum; the gradient still tells better from worse there.
  if (predicted_gain_ <= kNoise * std::fabs(at_best_.value)) {
    const bool better = GradientOf(found).norm() < gradient_norm();
    if (!better) radius_ = 0.25 * step_norm_;
    return better;
  }
  const double share = (found.value - at_best_.value) / predicted_gain_;
  if (share < 0.25) {
    radius_ = 0.25 * step_norm_;
  } else if (share > 0.75 && step_norm_ > 0.8 * radius_) {
    radius_ = std::min(2 * radius_, kRadiusMax);
  }
  return share > kGainAccepted;
}

void TrustRegionSearch::Judge() {
  if (gradient_norm() > gradient_tolerance_) return;
  const Eigenbasis basis = EigenbasisOf(at_best_);
  if (!(basis.values(0) > 0)) {
    state_ = MaximiserState::kRidge;
    return;
  }
  const Vector rotated = basis.vectors.transpose() * GradientOf(at_best_);
  const double newton = ShiftedStep(basis, rotated, 0).norm();
  if (newton <= kStepConverged) state_ = MaximiserState::kConverged;
  if (newton >= kStepRidge) state_ = MaximiserState::kRidge;
}

void TrustRegionSearch::Propose() {
  if (radius_ < kRadiusMin) {
    state_ = MaximiserState::kStalled;
    return;
  }
  const Eigenbasis basis = EigenbasisOf(at_best_);
  const Vector rotated = basis.vectors.transpose() * GradientOf(at_best_);
  const Vector rotated_step = StepWithin(basis, rotated, radius_);
  const Vector step = basis.vectors * rotated_step;
  step_norm_ = step.norm();
  predicted_gain_ = rotated.dot(rotated_step) - 0.5 * rotated_step.dot(basis.values.cwiseProduct(rotated_step));
  if (!(step_norm_ > 0)) {
    state_ = gradient_norm() <= gradient_tolerance_ ? MaximiserState::kConverged : MaximiserState::kStalled;
    return;
  }
  for (size_t i = 0; i < trial_.size(); ++i) {
    trial_[i] = best_[i] + step(static_cast<Eigen::Index>(i));
    if (std::fabs(trial_[i]) > kVariableMax) state_ = MaximiserState::kRidge;
  }
}

std::optional<std::vector<double>> CovarianceAt(const DynamicDerivatives& maximum) {
  const Eigenbasis basis = EigenbasisOf(maximum);
  if (!(basis.values(0) > 0)) return std::nullopt;
  const Eigen::MatrixXd inverse = basis.vectors * basis.values.cwiseInverse().asDiagonal() * basis.vectors.transpose();
  return std::vector<double>(inverse.data(), inverse.data() + inverse.size());
}

}  // namespace strata
