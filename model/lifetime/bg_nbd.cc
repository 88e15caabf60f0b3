#include "model/lifetime/bg_nbd.h"

#include <cmath>

namespace strata {
namespace {

// ln of the odds of having dropped out: second branch of the likelihood over the first. -infinity where x = 0 or a = 0.
double LogOddsDropped(const BgNbdParameters& model, const PurchaseHistory& history) {
  if (history.x == 0) return -HUGE_VAL;
  const double x = static_cast<double>(history.x);
  return std::log(model.a) - std::log(model.b + x - 1) +
         (model.r + x) * std::log1p((history.T - history.t_x) / (model.alpha + history.t_x));
}

}  // namespace

double ProbabilityAlive(const BgNbdParameters& model, const PurchaseHistory& history) {
  return 1 / (1 + std::exp(LogOddsDropped(model, history)));
}

double ProbabilityNoPurchase(const BgNbdParameters& model, const PurchaseHistory& history, double t) {
  const double log_odds = LogOddsDropped(model, history);
  const double alive = 1 / (1 + std::exp(log_odds));
  const double dropped = 1 / (1 + std::exp(-log_odds));  // not 1 - alive, which loses a small probability
  const double shape = model.r + static_cast<double>(history.x);
  return std::fmin(1.0, dropped + alive * std::exp(-shape * std::log1p(t / (model.alpha + history.T))));
}

double ExpectedPurchases(const BgNbdParameters& model, const PurchaseHistory& history, double t) {
  double expected = 0;
  ExpectedPurchasesAt(model, history, {&t, 1}, {&expected, 1});
  return expected;
}

void ExpectedPurchasesAt(const BgNbdParameters& model, const PurchaseHistory& history, std::span<const double> horizons,
                         std::span<double> expected) {
  ExpectedPurchasesWhileAlive(model, history.x, history.T, horizons, expected);
  const double alive = ProbabilityAlive(model, history);
  for (double& value : expected) value *= alive;
}

double ExpectedPurchasesOfNewCustomer(const BgNbdParameters& model, double t) {
  return ExpectedPurchases(model, {.x = 0, .t_x = 0, .T = 0}, t);
}

}  // namespace strata
