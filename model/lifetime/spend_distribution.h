// What customers will spend, beyond the mean (gamma_gamma.h): quantiles that exist where the mean does not, and the
// distribution of the sum of several purchases. In the Gamma-Gamma model a purchase is Gamma(p, nu) and nu, after x
// purchases of mean m, is Gamma(p x + q, v + x m); so the sum of n purchases over v + x m is beta-prime(p n, p x + q):
// Fader and Hardie, note 025 (2013), for the posterior; the ratio of two gamma variables for the sum.
//
// Pure functions, thread-safe. Preconditions: p, q, v > 0; x >= 0; m > 0 where x > 0; n > 0; 0 < probability < 1.
#pragma once

#include <cstdint>

#include "model/lifetime/gamma_gamma.h"

namespace strata {

// The median over the population of the mean spend per purchase p / nu of a customer: what is said of the population
// where q <= 1 and its mean is infinite.
double PopulationMedianSpend(const GammaGammaParameters& model);

// P(the sum of n purchases <= total). total >= 0.
double ProbabilityOfSpend(const GammaGammaParameters& model, int64_t x, double m, int64_t n, double total);
// The total that the sum of n purchases does not exceed with this probability.
double SpendQuantile(const GammaGammaParameters& model, int64_t x, double m, int64_t n, double probability);

}  // namespace strata
