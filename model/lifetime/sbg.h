// The shifted-beta-geometric model of contracts: at the end of each period a customer leaves with a probability from
// Beta(alpha, beta), else renews. Fader and Hardie (2007), J. Interactive Marketing 21(1) 76-90: eq. 6 the survivor
// function, eq. 8 retention; residual lifetime: Fader and Hardie (2010), Marketing Science 29(1) 85-93, eq. 6.
//
// Pure functions, thread-safe. Preconditions: alpha, beta > 0; periods >= 0 and at most kContractPeriodsMax.
#pragma once

#include <cstdint>
#include <vector>

#include "model/lifetime/derivatives.h"

namespace strata {

inline constexpr int kContractPeriodsMax = 10'000;  // every one is visited

struct Sbg {
  double alpha = 0;
  double beta = 0;
};

struct ContractTable {
  std::vector<double> lost;   // [t]: customers who left at the end of period t + 1
  std::vector<double> still;  // [n]: customers still there who have renewed n times

  // Survivors by period, the first entry the base: what remains of one cohort.
  static ContractTable OfCohort(const std::vector<double>& survivors);
  double customers() const;
};

// ln of the likelihood (counts, no multinomial constant) with derivatives in (ln alpha, ln beta).
Derivatives<2> SbgLogLikelihood(const Sbg& model, const ContractTable& table);

// S(t): still there after t periods.
double SbgSurvivor(const Sbg& model, int t);
// Of those there in period t, the share that renews (t >= 1).
double SbgRetention(const Sbg& model, int t);
// E[further periods of a customer who renewed n - 1 times, the one at hand's renewal first], the i-th discounted by
// (1 + rate)^-(i - 1): retention and what follows. n >= 1. Precondition: rate > 0.
double SbgResidualLifetime(const Sbg& model, int n, double rate);

}  // namespace strata
