#include "model/lifetime/pareto_nbd.h"

#include <array>
#include <cmath>

#include "model/lifetime/pareto_panels.h"
#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

enum Parameter : size_t { kR, kAlpha, kS, kBeta };

// How the exponent of the integrand and its slopes change between t_x and u: means, and means of products, under the
// integrand as a weight.
struct Moments {
  double weight = 0;
  std::array<double, 4> slope{};     // of the exponent, in the logarithms of the parameters
  std::array<double, 10> product{};  // of two slopes
  double buying_curve = 0, dying_curve = 0;
};

}  // namespace

ParetoNbdRows::Time ParetoNbdRows::TimeOf(double t) const {
  return {.t = t,
          .buying_growth = std::log1p(t / model_.alpha),
          .buying_inverse = 1 / (model_.alpha + t),
          .dying_growth = std::log1p(t / model_.beta),
          .dying_inverse = 1 / (model_.beta + t)};
}

LogJet ParetoNbdRows::DroppedOf(double x, const Time& last, const Time& end) const {
  const auto [r, alpha, s, beta] = model_;
  const double shape = r + x;
  const double length = end.t - last.t;
  LogJet dropped;
  dropped.value = -HUGE_VAL;
  if (!(length > 0)) return dropped;
  Moments sums;
  const double f_last = last.t * last.buying_inverse;
  const double F_last = last.t * last.dying_inverse;
  ForEachParetoNode(shape, alpha + last.t, s, beta + last.t, length, [&](double v, double weight) {
    const double p = std::log1p(v * last.buying_inverse);
    const double P = std::log1p(v * last.dying_inverse);
    const double value = weight * std::exp(-shape * p - (s + 1) * P);
    const double f = alpha * v * last.buying_inverse / (alpha + last.t + v);  // rise of t / (alpha + t)
    const double F = beta * v * last.dying_inverse / (beta + last.t + v);
    const std::array<double, 4> slope = {-r * p, shape * f, -s * P, (s + 1) * F};
    sums.weight += value;
    for (size_t i = 0, at = 0; i < 4; ++i) {
      sums.slope[i] += value * slope[i];
      for (size_t j = i; j < 4; ++j, ++at) sums.product[at] += value * slope[i] * slope[j];
    }
    sums.buying_curve += value * f * (1 - 2 * f_last - f);  // rise of f (1 - f)
    sums.dying_curve += value * F * (1 - 2 * F_last - F);
    return value;
  });
  std::array<double, 4> mean;
  for (size_t i = 0; i < 4; ++i) mean[i] = sums.slope[i] / sums.weight;
  dropped.value = std::log(s / beta) + std::log(sums.weight);
  dropped.gradient = {mean[kR], mean[kAlpha], mean[kS] + 1, mean[kBeta] - 1};
  for (size_t i = 0, at = 0; i < 4; ++i) {
    for (size_t j = i; j < 4; ++j, ++at) dropped.hessian[at] = sums.product[at] / sums.weight - mean[i] * mean[j];
  }
  dropped.hessian[LogJet::At(kR, kR)] += mean[kR];
  dropped.hessian[LogJet::At(kR, kAlpha)] += r / shape * mean[kAlpha];
  dropped.hessian[LogJet::At(kAlpha, kAlpha)] -= shape * sums.buying_curve / sums.weight;
  dropped.hessian[LogJet::At(kS, kS)] += mean[kS];
  dropped.hessian[LogJet::At(kS, kBeta)] += s / (s + 1) * mean[kBeta];
  dropped.hessian[LogJet::At(kBeta, kBeta)] -= (s + 1) * sums.dying_curve / sums.weight;
  dropped.AddPower(kR, kAlpha, r, shape, last.buying_growth, f_last);
  dropped.AddPower(kS, kBeta, s, s + 1, last.dying_growth, F_last);
  return dropped;
}

Branches ParetoNbdRows::BranchesOf(double x, const Time& last, const Time& end) const {
  LogJet alive;
  alive.AddPower(kR, kAlpha, model_.r, model_.r + x, end.buying_growth, end.t * end.buying_inverse);
  alive.AddPower(kS, kBeta, model_.s, model_.s, end.dying_growth, end.t * end.dying_inverse);
  return Join(alive, DroppedOf(x, last, end));
}

void ParetoNbdRows::AddHit(double j, double customers, LogJet* sum) const {
  const double rate = model_.r + j;
  sum->AddOf(kR, model_.r, std::log(rate / model_.alpha), 1 / rate, -1 / (rate * rate), customers);
  sum->gradient[kAlpha] -= customers;
}

Branches ParetoNbdBranches(const ParetoNbd& model, const PurchaseHistory& history) {
  const ParetoNbdRows rows(model);
  const auto x = static_cast<double>(history.x);
  Branches found = rows.BranchesOf(x, rows.TimeOf(history.t_x), rows.TimeOf(history.T));
  const LogRise rise = RiseOf(model.r, history.x);
  found.joined.AddOf(kR, model.r, rise.value, rise.first, rise.second);
  found.joined.value -= x * std::log(model.alpha);
  found.joined.gradient[kAlpha] -= x;
  return found;
}

double ParetoIntegral(double shape, double buying, double s, double dying, double length) {
  double sum = 0;
  ForEachParetoNode(shape, buying, s, dying, length, [&](double v, double weight) {
    const double value = weight * std::exp(-shape * std::log1p(v / buying) - (s + 1) * std::log1p(v / dying));
    sum += value;
    return value;
  });
  return sum;
}

AliveOdds ParetoNbdOdds(const ParetoNbd& model, const PurchaseHistory& history) {
  const auto [r, alpha, s, beta] = model;
  const double shape = r + static_cast<double>(history.x);
  const double length = history.T - history.t_x;
  if (!(length > 0)) return {};
  const double buying = alpha + history.t_x;
  const double dying = beta + history.t_x;
  const double log_odds = std::log(s / dying) + std::log(ParetoIntegral(shape, buying, s, dying, length)) +
                          shape * std::log1p(length / buying) + s * std::log1p(length / dying);
  return {.alive = 1 / (1 + std::exp(log_odds)), .dropped = 1 / (1 + std::exp(-log_odds))};
}

}  // namespace strata
