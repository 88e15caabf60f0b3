// The likelihood of the models in which a customer drops out after a purchase, or never: NBD, BG/NBD, MBG/NBD,
// BG/CNBD-k and MBG/CNBD-k. While alive a customer's hits come at a rate from Gamma(r, alpha) and every k-th one is a
// purchase (gaps are Erlang-k; k = 1 is Poisson buying); after each repeat purchase, and in the MBG models after the
// first one too, they leave for good with a probability from Beta(a, b). a = 0: nobody leaves, NBD.
//
// With d = 1 for the MBG models, else 0, r' = r + k x, b' = b + x + d and w = (T - t_x) / (alpha + T):
//   ln L = ln[Gamma(r') / Gamma(r)] - k x ln alpha - sum_{j < x + d} ln(1 + a / (b + j)) + ln(alive + dropped),
//   alive = (1 + T / alpha)^-r' sum_{j < k} w^j (r')_j / j!,
//   dropped = a / (b' - 1) (1 + t_x / alpha)^-r', absent where no purchase gave occasion to leave (x = d = 0).
// BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284, eq. 6. MBG/NBD: Batislam, Denizel and
// Filiztekin (2007), IJRM 24(3) 201-209, appendix A. CNBD-k: Platzer and Reutterer (2016), Marketing Science 35(5)
// 779-799. For k > 1 the factor (k - 1) sum ln(gap) - x ln Gamma(k) of the density is free of parameters and left out
// here: see HistoryTable::gap_term.
//
// Gamma functions are products and powers of times are ln(1 + t / alpha), so nothing cancels or overflows, for r or
// alpha of 1e6 (nearly equal rates) as for x of 10,000. Pure, thread-safe. Preconditions: r, alpha, b > 0, a >= 0,
// 1 <= k <= kRegularityMax, x >= 0, 0 <= t_x <= T, t_x = 0 where x = 0.
#pragma once

#include <cstdint>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/log_jet.h"

namespace strata {

struct BgFamily {
  double r = 0;
  double alpha = 0;  // time units
  double a = 0;
  double b = 1;
  int k = 1;
  bool coin_at_zero = false;  // the MBG models: the first purchase may be the last as well

  // Precondition: one of the five kinds.
  static BgFamily Of(const LifetimeParameters& parameters);

  // Occasions to leave, in x repeat purchases.
  int64_t Coins(int64_t x) const { return coin_at_zero ? x + 1 : x; }
};

// What a row of a table is made of: terms of a time and of a count, which many rows share, and the row's own part.
class BgFamilyRows {
 public:
  explicit BgFamilyRows(const BgFamily& family) : family_(family) {}

  struct Time {
    double t;
    double inverse;  // 1 / (alpha + t)
    double growth;   // ln(1 + t / alpha)
  };
  Time TimeOf(double t) const;

  struct Count {        // of x
    double shape;       // r'
    double log_odds;    // ln a - ln(b' - 1); -infinity: no occasion to leave yet, or nobody ever leaves
    double stay_share;  // b / (b' - 1); 0 where log_odds is -infinity
  };
  Count CountOf(int64_t x) const;

  // ln(alive + dropped), with derivatives in (ln r, ln alpha, ln a, ln b).
  Branches BranchesOf(const Count& count, const Time& last, const Time& end) const;

  // `customers` who had hit number j + 1: ln(r + j) - ln alpha.
  void AddHit(double j, double customers, LogJet* sum) const;
  // `customers` who stayed on occasion number j + 1: -ln(1 + a / (b + j)).
  void AddCoin(double j, double customers, LogJet* sum) const;

 private:
  void AddOpenGap(const Count& count, const Time& last, const Time& end, LogJet* alive) const;

  BgFamily family_;
};

// One customer: the log-likelihood and the logarithm of P(alive at T), in (ln r, ln alpha, ln a, ln b).
Branches BgFamilyBranches(const BgFamily& family, const PurchaseHistory& history);

// ln of the sum over j < k of w^j (r')_j / j!, w = (T - t_x) / (alpha + T): alive and fewer than k hits since t_x.
// Without derivatives; `terms`, where given, gets the k shares of the sum.
double LogOpenGap(const BgFamily& family, const PurchaseHistory& history, double* terms = nullptr);

// P(dropped out by T | x, t_x, T) and P(alive ...), neither by subtraction.
struct AliveOdds {
  double alive = 1;
  double dropped = 0;
};
AliveOdds BgFamilyOdds(const BgFamily& family, const PurchaseHistory& history);

}  // namespace strata
