// The likelihood of the Pareto/NBD model: a customer buys at a rate from Gamma(r, alpha) until they drop out, unseen,
// at a time that is exponential with a rate from Gamma(s, beta). Schmittlein, Morrison and Colombo (1987), Management
// Science 33(1) 1-24; Fader and Hardie, note 009 (2005), "A Note on Deriving the Pareto/NBD Model", eq. 18. With
// r' = r + x:
//   ln L = ln[Gamma(r') / Gamma(r)] - x ln alpha + ln(alive + dropped),
//   alive = (1 + T / alpha)^-r' (1 + T / beta)^-s,
//   dropped = s / beta times the integral over u in (t_x, T) of (1 + u / alpha)^-r' (1 + u / beta)^-(s + 1).
// The integral is taken by Gauss-Legendre panels and never as a difference of hypergeometric functions: no overflow, no
// branch for alpha = beta, no cancellation where T is near t_x; its derivatives come from the same nodes.
//
// Pure, thread-safe. Preconditions: r, alpha, s, beta > 0; x >= 0, 0 <= t_x <= T, t_x = 0 where x = 0.
#pragma once

#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/log_jet.h"

namespace strata {

struct ParetoNbd {
  double r = 0;
  double alpha = 0;  // time units
  double s = 0;
  double beta = 0;  // time units

  static ParetoNbd Of(const LifetimeParameters& parameters) {
    const auto& value = parameters.value;
    return {.r = value[0], .alpha = value[1], .s = value[2], .beta = value[3]};
  }
};

// What a row of a table is made of, as in BgFamilyRows; derivatives in (ln r, ln alpha, ln s, ln beta).
class ParetoNbdRows {
 public:
  explicit ParetoNbdRows(const ParetoNbd& model) : model_(model) {}

  struct Time {
    double t;
    double buying_growth, buying_inverse;  // ln(1 + t / alpha), 1 / (alpha + t)
    double dying_growth, dying_inverse;    // the same of beta
  };
  Time TimeOf(double t) const;

  Branches BranchesOf(double x, const Time& last, const Time& end) const;
  // `customers` who made repeat purchase number j + 1: ln(r + j) - ln alpha.
  void AddHit(double j, double customers, LogJet* sum) const;

 private:
  LogJet DroppedOf(double x, const Time& last, const Time& end) const;

  ParetoNbd model_;
};

// One customer: the log-likelihood and the logarithm of P(alive at T).
Branches ParetoNbdBranches(const ParetoNbd& model, const PurchaseHistory& history);

// P(alive at T | x, t_x, T) and P(dropped out ...), neither by subtraction (note 009, eqs. 36-37).
AliveOdds ParetoNbdOdds(const ParetoNbd& model, const PurchaseHistory& history);

// The integral over v in (0, length) of (1 + v / buying)^-shape (1 + v / dying)^-(s + 1). `length` may be infinite.
double ParetoIntegral(double shape, double buying, double s, double dying, double length);

}  // namespace strata
