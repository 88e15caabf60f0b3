// The Gamma-Gamma model of spend: what a customer spends per purchase is Gamma(p, nu), and nu ~ Gamma(q, v) differs
// between customers. Fader and Hardie, note 025 (2013), "The Gamma-Gamma Model of Monetary Value"; v and m are in units
// of currency, x is the number of repeat purchases and m their mean spend.
//
// Pure functions, thread-safe. Preconditions: p, q, v > 0 and finite; x > 0 and m > 0 for the likelihood.
#pragma once

#include <cstdint>

#include "model/lifetime/derivatives.h"

namespace strata {

struct GammaGammaParameters {
  double p = 0;
  double q = 0;
  double v = 0;
};

// Logarithm of the gamma function with its first two derivatives. Precondition: z > 0.
struct LogGammaJet {
  double value;
  double first;
  double second;
};
LogGammaJet LogGamma(double z);
// LogGamma(z + d) - LogGamma(z), without cancellation where z is large. Preconditions: z > 0, d > 0.
LogGammaJet LogGammaRise(double z, double d);

// Log-likelihood of one customer's mean spend (note 025 eq. 1a, no constant dropped) with gradient and Hessian in
// (ln p, ln q, ln v); `purchases` is x.
Derivatives<3> GammaGammaLogLikelihood(const GammaGammaParameters& model, int64_t purchases, double m);

// E[M | x, m] = p (v + x m) / (p x + q - 1) (eq. 5), the expected spend per purchase of a customer; x = 0 gives the
// population's p v / (q - 1). Precondition: p x + q > 1.
double ExpectedSpend(const GammaGammaParameters& model, int64_t x, double m);
double PopulationSpend(const GammaGammaParameters& model);

}  // namespace strata
