#include "model/lifetime/bg_bb.h"

#include <array>
#include <cmath>

#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

enum Parameter : size_t { kAlpha, kBeta, kGamma, kDelta };

// ln of the probability of having left after t_x over that of being there, added up backwards: the term for leaving
// right before opportunity m + 1 (m = n - 1, ..., t_x) is gamma / (delta + n - 1) (alpha + beta + n - 1) / (beta + n -
// 1
// - x) for m = n - 1 and (alpha + beta + m) (gamma + delta + m + 1) / ((beta + m - x) (delta + m)) times the one before
// for lower m.
class Leavings {
 public:
  // Without `slopes` the sum has its value alone.
  Leavings(const BgBb& model, const PurchaseHistory& history, bool slopes)
      : model_(model), x_(static_cast<double>(history.x)), slopes_(slopes) {
    if (model.gamma == 0 || history.t_x == history.T) return;
    any_ = true;
    for (double m = history.T - 1; m >= history.t_x; --m) Add(m, m == history.T - 1);
  }

  LogJet Sum() const {
    LogJet jet;
    if (!any_) {
      jet.value = -HUGE_VAL;
      return jet;
    }
    jet.value = std::log(total_) + scale_;
    if (!slopes_) return jet;
    for (size_t i = 0, at = 0; i < 4; ++i) {
      jet.gradient[i] = slope_sum_[i] / total_;
      for (size_t j = i; j < 4; ++j, ++at) {
        jet.hessian[at] = curve_sum_[at] / total_ - slope_sum_[i] / total_ * (slope_sum_[j] / total_);
      }
    }
    return jet;
  }

 private:
  void Add(double m, bool is_first) {
    const auto [alpha, beta, gamma, delta] = model_;
    const double buys = 1 / (alpha + beta + m);
    const double quiet = 1 / (beta + m - x_);
    const double there = 1 / (delta + m);
    const double leaves = is_first ? 0 : 1 / (gamma + delta + m + 1);
    term_ *= quiet * there / buys;
    term_ *= is_first ? gamma : 1 / leaves;
    if (slopes_) {
      AddSlopes(buys, quiet, there, leaves);
    } else {
      total_ += term_;
    }
    constexpr double kLarge = 1e200;
    if (term_ < kLarge) return;
    for (double* sum : {&term_, &total_}) *sum /= kLarge;
    for (double& sum : slope_sum_) sum /= kLarge;
    for (double& sum : curve_sum_) sum /= kLarge;
    scale_ += std::log(kLarge);
  }

  void AddSlopes(double buys, double quiet, double there, double leaves) {
    buys_ += buys;
    buys2_ += buys * buys;
    quiet_ += quiet;
    quiet2_ += quiet * quiet;
    there_ += there;
    there2_ += there * there;
    leaves_ += leaves;
    leaves2_ += leaves * leaves;
    Collect();
  }

  void Collect() {
    const auto [alpha, beta, gamma, delta] = model_;
    const std::array<double, 4> slope = {alpha * buys_, beta * (buys_ - quiet_), 1 + gamma * leaves_,
                                         delta * (leaves_ - there_)};
    total_ += term_;
    for (size_t i = 0, at = 0; i < 4; ++i) {
      slope_sum_[i] += term_ * slope[i];
      for (size_t j = i; j < 4; ++j, ++at) curve_sum_[at] += term_ * slope[i] * slope[j];
    }
    curve_sum_[LogJet::At(kAlpha, kAlpha)] += term_ * alpha * (buys_ - alpha * buys2_);
    curve_sum_[LogJet::At(kAlpha, kBeta)] -= term_ * alpha * beta * buys2_;
    curve_sum_[LogJet::At(kBeta, kBeta)] += term_ * beta * (buys_ - quiet_ - beta * (buys2_ - quiet2_));
    curve_sum_[LogJet::At(kGamma, kGamma)] += term_ * gamma * (leaves_ - gamma * leaves2_);
    curve_sum_[LogJet::At(kGamma, kDelta)] -= term_ * gamma * delta * leaves2_;
    curve_sum_[LogJet::At(kDelta, kDelta)] += term_ * delta * (leaves_ - there_ - delta * (leaves2_ - there2_));
  }

  BgBb model_;
  double x_;
  bool slopes_;
  bool any_ = false;
  double term_ = 1, total_ = 0, scale_ = 0;
  double buys_ = 0, buys2_ = 0, quiet_ = 0, quiet2_ = 0, there_ = 0, there2_ = 0, leaves_ = 0, leaves2_ = 0;
  std::array<double, 4> slope_sum_{};
  std::array<double, 10> curve_sum_{};
};

// `sign` times ln[(first + second)_n], in both parameters.
void AddRiseOfSum(size_t i, size_t j, double first, double second, int64_t n, double sign, LogJet* jet) {
  const LogRise rise = RiseOf(first + second, n);
  jet->AddOf(i, first, rise.value, rise.first, rise.second, sign);
  jet->AddOf(j, second, 0, rise.first, rise.second, sign);
  jet->hessian[LogJet::At(i, j)] += sign * first * second * rise.second;
}

void AddRise(size_t i, double parameter, int64_t n, LogJet* jet) {
  const LogRise rise = RiseOf(parameter, n);
  jet->AddOf(i, parameter, rise.value, rise.first, rise.second);
}

}  // namespace

Branches BgBbBranches(const BgBb& model, const PurchaseHistory& history) {
  const auto n = static_cast<int64_t>(history.T);
  LogJet alive;
  AddRise(kAlpha, model.alpha, history.x, &alive);
  AddRise(kBeta, model.beta, n - history.x, &alive);
  AddRiseOfSum(kAlpha, kBeta, model.alpha, model.beta, n, -1, &alive);
  AddRise(kDelta, model.delta, n, &alive);
  AddRiseOfSum(kGamma, kDelta, model.gamma, model.delta, n, -1, &alive);
  LogJet dropped = Leavings(model, history, true).Sum();
  if (std::isfinite(dropped.value)) dropped.Add(alive);
  return Join(alive, dropped);
}

AliveOdds BgBbOdds(const BgBb& model, const PurchaseHistory& history) {
  const double log_odds = Leavings(model, history, false).Sum().value;
  return {.alive = 1 / (1 + std::exp(log_odds)), .dropped = 1 / (1 + std::exp(-log_odds))};
}

}  // namespace strata
