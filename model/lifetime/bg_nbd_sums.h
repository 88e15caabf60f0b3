// The terms of the BG/NBD log-likelihood and of its derivatives, added up over customers:
//   sum_{j < x} [ln(r + j) - ln(1 + a / (b + j))] + r ln alpha - (r + x) ln(alpha + T) + ln(1 + odds),
//   odds = a / (b + x - 1) * ((alpha + T) / (alpha + t_x))^(r + x), 0 where x = 0
// (eq. 6 of Fader, Hardie and Lee 2005 with the gamma functions written as products, so that no difference of large
// logarithms of gamma functions is left). Derivatives are kept in (r, alpha, ln a, b); only logarithms of a occur, so
// a = 0 (no drop-out) needs no special case. A plain value; the order of the calls decides the last bits.
#pragma once

#include <cmath>
#include <cstdint>

#include "model/lifetime/bg_nbd.h"

namespace strata {

class BgNbdSums {
 public:
  struct Time {  // of alpha + t
    double logarithm;
    double inverse;
  };
  static Time TimeOf(const BgNbdParameters& model, double t) {
    return {.logarithm = std::log(model.alpha + t), .inverse = 1 / (model.alpha + t)};
  }

  struct Odds {        // what depends on x alone; x >= 1
    double shape;      // r + x
    double logarithm;  // ln a - ln(b + x - 1)
    double inverse;    // 1 / (b + x - 1)
  };
  static Odds OddsOf(const BgNbdParameters& model, int64_t x) {
    const double others = model.b + static_cast<double>(x - 1);
    return {.shape = model.r + static_cast<double>(x),
            .logarithm = std::log(model.a) - std::log(others),
            .inverse = 1 / others};
  }

  // `count` customers with whatever history: r ln alpha.
  void AddConstants(const BgNbdParameters& model, double count);
  // `count` customers who made repeat purchase number j + 1.
  void AddPurchase(const BgNbdParameters& model, double j, double count);
  // `count` customers with x = 0 and the same T.
  void AddOneTimeBuyers(const BgNbdParameters& model, const Time& end, double count);
  // `count` customers with the same x >= 1, t_x and T.
  inline void AddRepeatBuyers(const Odds& odds, const Time& last, const Time& end, double count);

  BgNbdSums& operator+=(const BgNbdSums& other);

  Derivatives<4> InLogParameters(const BgNbdParameters& model) const;

 private:
  double value_ = 0;
  double r_ = 0, alpha_ = 0, log_a_ = 0, b_ = 0;
  double r_r_ = 0, r_alpha_ = 0, alpha_alpha_ = 0;
  double r_log_a_ = 0, alpha_log_a_ = 0, log_a_log_a_ = 0;
  double r_b_ = 0, alpha_b_ = 0, log_a_b_ = 0, b_b_ = 0;
};

inline void BgNbdSums::AddRepeatBuyers(const Odds& odds, const Time& last, const Time& end, double count) {
  const double stretch = end.logarithm - last.logarithm;
  const double log_odds = odds.logarithm + odds.shape * stretch;
  const double small = std::exp(-std::fabs(log_odds));
  const double dropped = (log_odds > 0 ? 1 : small) / (1 + small);
  const double both = small / ((1 + small) * (1 + small));  // P(alive) P(dropped)
  const double slope = odds.shape * (end.inverse - last.inverse);

  value_ += count * (std::fmax(log_odds, 0.0) + std::log1p(small) - odds.shape * end.logarithm);
  r_ += count * (dropped * stretch - end.logarithm);
  alpha_ += count * (dropped * slope - odds.shape * end.inverse);
  log_a_ += count * dropped;
  b_ -= count * dropped * odds.inverse;

  const double weight = count * both;
  r_r_ += weight * stretch * stretch;
  r_alpha_ += weight * stretch * slope + count * (dropped * (end.inverse - last.inverse) - end.inverse);
  const double end_squared = end.inverse * end.inverse;
  alpha_alpha_ += weight * slope * slope +
                  count * odds.shape * (end_squared + dropped * (last.inverse * last.inverse - end_squared));
  r_log_a_ += weight * stretch;
  alpha_log_a_ += weight * slope;
  log_a_log_a_ += weight;
  r_b_ -= weight * stretch * odds.inverse;
  alpha_b_ -= weight * slope * odds.inverse;
  log_a_b_ -= weight * odds.inverse;
  b_b_ += (count * dropped + weight) * odds.inverse * odds.inverse;
}

}  // namespace strata
