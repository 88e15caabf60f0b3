// The three ways in which customers that are alive go on: AliveForecast (forecast.h, with the formulas) is one of them.
// Immutable values, thread-safe; all members as AliveForecast says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/lifetime/bg_bb.h"
#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/pareto_nbd.h"

namespace strata {

// Counts beyond this are not listed one by one.
inline constexpr size_t kCountsMax = 1 << 20;
// Most hits that an expectation of regular timing adds up: a new customer's t / alpha up to 1e5. Beyond, NaN: not
// known.
inline constexpr size_t kHitsMax = 1 << 22;

// NBD and the models in which a coin decides after every purchase: hits at a Gamma(shape, scale) rate, every k-th one a
// purchase, `hits` of them already made; drop-out after a purchase with a Beta(leaves, stays) probability.
class CoinFuture {
 public:
  CoinFuture(const BgFamily& family, int64_t x, double T, int j);

  void Expected(std::span<const double> horizons, std::span<double> expected) const;
  double Discounted(double horizon, double rate) const;
  double Residual(double rate) const;
  std::optional<RoughPurchases> Roughly(double horizon, double rate) const;
  double NonePurchased(double t) const;
  double NoneEver() const { return 0; }
  std::vector<double> Counts(double t, double mass_left) const;
  double LogCount(double t, int64_t n) const;

 private:
  // k = 1: BG/NBD's future with b' in the place of b + x.
  BgNbdParameters OneCoinModel() const;
  double ExpectedByHits(double t) const;

  BgFamily family_;
  int64_t x_;
  double T_;
  int j_;
  double shape_;   // r'
  double scale_;   // alpha'
  double leaves_;  // a; 0: nobody ever leaves
  double stays_;   // b'
};

// Pareto/NBD: purchases at a Gamma(shape, scale) rate until a death at a Gamma(s, dying) rate.
class DeathFuture {
 public:
  DeathFuture(const ParetoNbd& model, int64_t x, double T);

  void Expected(std::span<const double> horizons, std::span<double> expected) const;
  double Discounted(double horizon, double rate) const;
  std::optional<RoughPurchases> Roughly(double, double) const { return std::nullopt; }
  double Residual(double rate) const;
  double NonePurchased(double t) const;
  double NoneEver() const;
  std::vector<double> Counts(double t, double mass_left) const;
  double LogCount(double t, int64_t n) const;

 private:
  double shape_, scale_, s_, dying_;
};

// BG/BB: at each opportunity there with 1 - Beta(leaves, stays), then buying with Beta(buys, passes).
class OpportunityFuture {
 public:
  OpportunityFuture(const BgBb& model, int64_t x, double n);

  void Expected(std::span<const double> horizons, std::span<double> expected) const;
  double Discounted(double horizon, double rate) const;
  std::optional<RoughPurchases> Roughly(double, double) const { return std::nullopt; }
  double Residual(double rate) const;
  double NonePurchased(double t) const;
  double NoneEver() const;
  std::vector<double> Counts(double t, double mass_left) const;
  double LogCount(double t, int64_t n) const;
  // Still there at the next opportunity.
  double Next() const { return stays_ / (leaves_ + stays_); }

 private:
  double buys_, passes_, leaves_, stays_;
};

// Leaves out what is at the end of a distribution, up to `mass_left` in all.
void TrimTail(double mass_left, std::vector<double>* probabilities);

}  // namespace strata
