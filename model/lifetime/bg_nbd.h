// The BG/NBD model of repeat buying, its forecasts (its likelihood is that of bg_family.h): while a customer is alive
// they buy at a rate drawn from Gamma(r, alpha), and after every repeat purchase they drop out for good with a
// probability drawn from Beta(a, b). Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284; equation numbers
// below are theirs.
//
// Pure functions, thread-safe. All times are in one unit that the caller chooses (alpha is in it too). A history is
// (x, t_x, T): repeat purchases, time from the first to the last purchase, time from the first purchase to now.
// Preconditions everywhere: r, alpha, b > 0, a >= 0, all finite; x >= 0, 0 <= t_x <= T, t_x = 0 where x = 0. a = 0 is
// the model without drop-out (NBD): everybody is alive. Nothing here overflows or cancels for x up to 10,000 and
// beyond.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace strata {

struct BgNbdParameters {
  double r = 0;
  double alpha = 0;  // time units
  double a = 0;
  double b = 0;
};

struct PurchaseHistory {
  int64_t x = 0;
  double t_x = 0;
  double T = 0;
};

// P(alive at T | x, t_x, T). 1 where x = 0: this model lets nobody drop out before the first repeat purchase.
double ProbabilityAlive(const BgNbdParameters& model, const PurchaseHistory& history);

// P(no purchase in (T, T + t] | x, t_x, T) = L(x, t_x, T + t) / L(x, t_x, T). Precondition: t >= 0.
double ProbabilityNoPurchase(const BgNbdParameters& model, const PurchaseHistory& history, double t);

// E[purchases in (T, T + t] | x, T, alive at T] for each t of `horizons` (ascending, >= 0), into `expected` of the same
// size; ascending as well. The expectation is the integral over u in (0, t) of
//   (r + x) / (alpha + T) * 2F1(r + x + 1, a; a + b + x; -u / (alpha + T)),
// which, unlike eq. 10 divided by P(alive), has no pole at a = 1, no logarithm of a negative number where
// a + b + x < 1, and no cancellation at small t. Relative error below 1e-10.
void ExpectedPurchasesWhileAlive(const BgNbdParameters& model, int64_t x, double T, std::span<const double> horizons,
                                 std::span<double> expected);

// The same until one horizon, and discounted at a rate of 0 or more, to 1e-9, a few times quicker: for differences of
// parameters. Absent where there is no quick way.
struct RoughPurchases {
  double expected = 0;
  double discounted = 0;
};
std::optional<RoughPurchases> RoughPurchasesWhileAlive(const BgNbdParameters& model, int64_t x, double T,
                                                       double horizon, double rate);

// E[purchases in (T, T + t] | x, t_x, T] (eq. 10). Precondition: t >= 0.
double ExpectedPurchases(const BgNbdParameters& model, const PurchaseHistory& history, double t);

// The same at several horizons in one go, as ExpectedPurchasesWhileAlive takes them.
void ExpectedPurchasesAt(const BgNbdParameters& model, const PurchaseHistory& history, std::span<const double> horizons,
                         std::span<double> expected);

// E[X(t)] (eq. 9): repeat purchases of a customer of whom nothing is known, in time t after the first purchase.
double ExpectedPurchasesOfNewCustomer(const BgNbdParameters& model, double t);

}  // namespace strata
