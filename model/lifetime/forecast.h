// What a model says about one customer's future. Given that a customer is alive at T, the future depends on x and T
// alone (with regular timing also on j, the hits since t_x), so every forecast is P(alive | x, t_x, T) times one of
// AliveForecast. t and horizons are in the time unit of the parameters, counted from T; rates of discount are
// continuous, per time unit. For BG/BB, T is the number of opportunities so far, t and horizons are whole numbers of
// further ones, "alive at T" is being there at the last of them, and a discount rate d weighs the i-th further
// opportunity by (1 + d)^-i.
//
// Formulas (numbers as in bg_family.h, pareto_nbd.h, bg_bb.h; primes: after what has been seen, r' = r + k x + j,
// alpha' = alpha + T, b' = b + x + d, beta' = beta + T):
//   BG, MBG   E(t): bg_nbd.h. P(Y = n) = E[q^n] P(N = n) + E[p q^(n - 1)] P(N >= n), N negative binomial: eq. 8 of
//             Fader, Hardie and Lee (2005) with the posterior's parameters, in positive terms alone.
//   CNBD-k    E(t) = sum over hits m of P(M = m) C(floor((m + j) / k)), C(n) = sum_{i < n} E[q^i].
//   Pareto    E(t) = r' / alpha' (beta' / (s - 1)) [1 - (beta' / (beta' + t))^(s - 1)], note 009 eq. 41; P(Y = n):
//   Fader
//             and Hardie, note 028, as an integral over the time of drop-out.
//   residual  the discounted number of all further purchases (DERT): E[y^(k - j) / (1 - q y^k)], y = l / (l + rate),
//             over the rate l and the drop-out probability 1 - q; Pareto: Fader, Hardie and Lee (2005), J. Marketing
//             Research 42(4) 415-430; BG/BB: Fader, Hardie and Shang (2010), DERT.
// Pure, thread-safe. Preconditions: a history of the model; t, horizons >= 0; rate > 0 unless said otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/futures.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

double ProbabilityAlive(const LifetimeParameters& at, const PurchaseHistory& history);
// P(alive) and P(dropped out), each to full relative precision. BG/BB: there for the last opportunity.
AliveOdds AliveOddsOf(const LifetimeParameters& at, const PurchaseHistory& history);
// BG/BB: P(there for the next opportunity), which is what one wants to know of somebody.
double ProbabilityAliveNext(const LifetimeParameters& at, const PurchaseHistory& history);
// P(no purchase in (T, T + t]).
double ProbabilityNoPurchase(const LifetimeParameters& at, const PurchaseHistory& history, double t);
// The limit of the former for long t.
double ProbabilityNeverAgain(const LifetimeParameters& at, const PurchaseHistory& history);
// E[purchases in (T, T + t]], and at several horizons (ascending) at once.
double ExpectedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, double t);
void ExpectedPurchasesAt(const LifetimeParameters& at, const PurchaseHistory& history, std::span<const double> horizons,
                         std::span<double> expected);
// E[X(t)]: repeat purchases of a customer of whom nothing is known, in time t after the first purchase.
double ExpectedPurchasesOfNewCustomer(const LifetimeParameters& at, double t);
// Each purchase counts exp(-rate * time from T): within the horizon (rate >= 0), and ever (DERT). Times E[spend], these
// are the lifetime value over a horizon and the residual lifetime value.
double DiscountedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, double horizon, double rate);
double ResidualTransactions(const LifetimeParameters& at, const PurchaseHistory& history, double rate);
// For comparison with other programs: purchases in each of `steps` steps of equal length count (1 + rate)^-i, i the
// number of the step: payment at its end. rate > -1.
double SteppedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, int steps, double step,
                        double rate_per_step);
// P(Y = 0), P(Y = 1), ... for Y purchases in (T, T + t], until at most `mass_left` lies beyond.
std::vector<double> CountProbabilities(const LifetimeParameters& at, const PurchaseHistory& history, double t,
                                       double mass_left = 1e-13);
// ln P(Y = n), for counts of any improbability.
double LogCountProbability(const LifetimeParameters& at, const PurchaseHistory& history, double t, int64_t n);

// The shortest t with P(at least one purchase in (T, T + t]) >= probability; absent where that is never reached.
// Relative error 1e-9; BG/BB: the least whole number. Precondition: 0 < probability < 1.
std::optional<double> TimeToPurchase(const LifetimeParameters& at, const PurchaseHistory& history, double probability);

// Time since the last purchase over the mean gap that the customer's rate, known at t_x, would give:
// (T - t_x) (r + k x) / (k (alpha + t_x)); BG/BB: (T - t_x) (alpha + x) / (alpha + beta + t_x).
double OverdueRatio(const LifetimeParameters& at, const PurchaseHistory& history);
// P(no purchase in (t_x, T] | x, t_x, alive all the time): how usual such a silence is.
double ProbabilityOfSilence(const LifetimeParameters& at, const PurchaseHistory& history);

// The probabilities of j = 0, ..., k - 1 hits since t_x while alive at T; {1} for k = 1.
std::array<double, kRegularityMax> HitWeights(const LifetimeParameters& at, const PurchaseHistory& history);

// The future of a customer who is alive at T. j: hits since t_x, 0 but for CNBD.
class AliveForecast {
 public:
  AliveForecast(const LifetimeParameters& at, int64_t x, double T, int j = 0);

  // Ascending horizons.
  void Expected(std::span<const double> horizons, std::span<double> expected) const;
  double Discounted(double horizon, double rate) const;  // rate >= 0
  // RoughPurchasesWhileAlive (bg_nbd.h); absent also for other models.
  std::optional<RoughPurchases> Roughly(double horizon, double rate) const;
  double Residual(double rate) const;
  double NonePurchased(double t) const;
  double NoneEver() const;
  std::vector<double> Counts(double t, double mass_left = 1e-13) const;
  double LogCount(double t, int64_t n) const;

 private:
  std::variant<CoinFuture, DeathFuture, OpportunityFuture> future_;
};

}  // namespace strata
