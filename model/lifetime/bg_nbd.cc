#include "model/lifetime/bg_nbd.h"

#include <cmath>

#include "model/lifetime/bg_nbd_sums.h"

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

Derivatives<4> BgNbdLogLikelihood(const BgNbdParameters& model, const PurchaseHistory& history) {
  BgNbdSums sums;
  sums.AddConstants(model, 1);
  for (int64_t j = 0; j < history.x; ++j) sums.AddPurchase(model, static_cast<double>(j), 1);
  const BgNbdSums::Time last = BgNbdSums::TimeOf(model, history.t_x);
  const BgNbdSums::Time end = BgNbdSums::TimeOf(model, history.T);
  if (history.x == 0) {
    sums.AddOneTimeBuyers(model, end, 1);
  } else {
    sums.AddRepeatBuyers(BgNbdSums::OddsOf(model, history.x), last, end, 1);
  }
  return sums.InLogParameters(model);
}

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
