#include "model/churn/elastic_net.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/linear_algebra.h"

namespace strata {
namespace {

constexpr int kSweepsMax = 10'000;       // 255 columns: under a second
constexpr int kSweepsBetween = 20;       // before what is not zero is tried at once
constexpr double kSweepTolerance = 1e-14;  // of a coordinate's last move, relative to the greatest coordinate
constexpr double kGapTolerance = 1e-12;    // of a solution, relative to the gradient's size

double Element(const std::vector<double>& triangle, size_t i, size_t j) {
  return i >= j ? triangle[TriangleIndex(i, j)] : triangle[TriangleIndex(j, i)];
}

double SoftThreshold(double value, double threshold) {
  if (value > threshold) return value - threshold;
  return value < -threshold ? value + threshold : 0;
}

// The least of the quadratic model, coordinate by coordinate. Keeps where it would end and the gradient there.
class Descent {
 public:
  Descent(const std::vector<double>& hessian, const std::vector<double>& gradient, const std::vector<double>& point,
          double l1)
      : hessian_(hessian), from_(point), start_gradient_(gradient), l1_(l1), at_(point), gradient_(gradient) {
    for (const double element : gradient) scale_ = std::max(scale_, std::fabs(element));
    scale_ = std::max(scale_, l1);
  }

  // False: a coordinate has no least.
  bool Run() {
    for (int sweep = 1; sweep <= kSweepsMax; ++sweep) {
      double moved = 0;
      double size = 0;
      for (size_t i = 0; i < at_.size(); ++i) {
        const double curvature = Element(hessian_, i, i);
        const double before = at_[i];
        if (curvature == 0 && i > 0 && std::fabs(gradient_[i]) <= l1_) {  // a constant column
          MoveTo(i, 0);
          continue;
        }
        if (!(curvature > 0) || !std::isfinite(curvature)) return false;
        const double free = before - gradient_[i] / curvature;
        MoveTo(i, i == 0 ? free : SoftThreshold(free, l1_ / curvature));
        moved = std::max(moved, std::fabs(at_[i] - before));
        size = std::max(size, std::fabs(at_[i]));
      }
      if (moved <= kSweepTolerance * size) return true;
      if (sweep % kSweepsBetween == 0 && SolveSupport()) return true;
    }
    return true;  // as near as it came: the next step goes on from there
  }

  std::vector<double> Step() const {
    std::vector<double> step(at_.size());
    for (size_t i = 0; i < at_.size(); ++i) step[i] = at_[i] - from_[i];
    return step;
  }

 private:
  void MoveTo(size_t i, double value) {
    const double by = value - at_[i];
    if (by == 0) return;
    at_[i] = value;
    for (size_t j = 0; j < at_.size(); ++j) gradient_[j] = std::fma(Element(hessian_, j, i), by, gradient_[j]);
  }

  // The optimum among points whose zeros and signs are those of now; taken when it is one of all points.
  bool SolveSupport() {
    std::vector<size_t> support = {0};
    for (size_t i = 1; i < at_.size(); ++i) {
      if (at_[i] != 0) support.push_back(i);
    }
    // hessian d = -(gradient + l1 sign) on the support, where d is -from_ off it.
    std::vector<double> triangle(TriangleIndex(support.size(), 0)), right(support.size());
    for (size_t a = 0; a < support.size(); ++a) {
      const size_t i = support[a];
      for (size_t b = 0; b <= a; ++b) triangle[TriangleIndex(a, b)] = Element(hessian_, i, support[b]);
      right[a] = -start_gradient_[i] - (i == 0 ? 0 : std::copysign(l1_, at_[i]));
      for (size_t j = 1; j < at_.size(); ++j) {
        if (at_[j] == 0) right[a] = std::fma(Element(hessian_, i, j), from_[j], right[a]);
      }
    }
    const auto solved = SolvePositiveDefinite(triangle, right);
    if (!solved.has_value()) return false;
    std::vector<double> candidate(at_.size(), 0);
    for (size_t a = 0; a < support.size(); ++a) {
      const size_t i = support[a];
      candidate[i] = from_[i] + (*solved)[a];
      if (i > 0 && std::signbit(candidate[i]) != std::signbit(at_[i])) return false;
    }
    std::vector<double> gradient = start_gradient_;
    for (size_t i = 0; i < at_.size(); ++i) {
      for (size_t j = 0; j < at_.size(); ++j) {
        gradient[j] = std::fma(Element(hessian_, j, i), candidate[i] - from_[i], gradient[j]);
      }
    }
    if (OptimalityGap(gradient, candidate, l1_) > kGapTolerance * scale_) return false;
    at_ = std::move(candidate);
    return true;
  }

  const std::vector<double>& hessian_;
  const std::vector<double>& from_;
  const std::vector<double>& start_gradient_;
  const double l1_;
  double scale_ = 0;
  std::vector<double> at_, gradient_;
};

}  // namespace

double PenaltyOf(const ElasticNet& penalty, std::span<const double> coefficients) {
  double squares = 0;
  double sizes = 0;
  for (const double coefficient : coefficients) {
    squares = std::fma(coefficient, coefficient, squares);
    sizes += std::fabs(coefficient);
  }
  return penalty.l2() / 2 * squares + penalty.l1() * sizes;
}

std::optional<std::vector<double>> NewtonStep(const std::vector<double>& hessian, const std::vector<double>& gradient,
                                              const std::vector<double>& point, double l1) {
  if (l1 == 0) {
    auto step = SolvePositiveDefinite(hessian, gradient);
    if (step.has_value()) {
      for (double& element : *step) element = -element;
    }
    return step;
  }
  Descent descent(hessian, gradient, point, l1);
  if (!descent.Run()) return std::nullopt;
  return descent.Step();
}

double OptimalityGap(const std::vector<double>& gradient, const std::vector<double>& point, double l1) {
  double gap = gradient.empty() ? 0 : std::fabs(gradient[0]);
  for (size_t i = 1; i < gradient.size(); ++i) {
    const double away = point[i] != 0 ? std::fabs(gradient[i] + std::copysign(l1, point[i]))
                                      : std::max(0.0, std::fabs(gradient[i]) - l1);
    gap = std::max(gap, away);
  }
  return gap;
}

}  // namespace strata
