#include "model/lifetime/gamma_gamma.h"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

namespace strata {
namespace {

namespace policies = boost::math::policies;
// Errors become NaN or infinity, which the search rejects; no detour through long double.
using Policy =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>,
                     policies::underflow_error<policies::ignore_error>,
                     policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

}  // namespace

LogGammaJet LogGamma(double z) {
  return {.value = boost::math::lgamma(z, Policy()),
          .first = boost::math::digamma(z, Policy()),
          .second = boost::math::trigamma(z, Policy())};
}

LogGammaJet LogGammaRise(double z, double d) {
  constexpr double kStirlingMin = 20;  // from here on the series below are exact to rounding
  const double end = z + d;
  if (z < kStirlingMin) {
    const LogGammaJet high = LogGamma(end);
    const LogGammaJet low = LogGamma(z);
    return {.value = high.value - low.value, .first = high.first - low.first, .second = high.second - low.second};
  }
  // Stirling's series; the leading terms are subtracted by hand, what is left is small.
  const auto rest = [](double at) -> LogGammaJet {
    const double i = 1 / at;
    const double s = i * i;
    return {.value = i * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s / 1680))),
            .first = -s * (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s / 240))),
            .second = s * (0.5 + i * (1.0 / 6 - s * (1.0 / 30 - s * (1.0 / 42 - s / 30))))};
  };
  const LogGammaJet high = rest(end);
  const LogGammaJet low = rest(z);
  const double growth = std::log1p(d / z);
  const double inverse_fall = d / (z * end);  // 1 / z - 1 / (z + d)
  return {.value = (z - 0.5) * growth + d * (std::log(end) - 1) + (high.value - low.value),
          .first = growth + 0.5 * inverse_fall + (high.first - low.first),
          .second = -inverse_fall + (high.second - low.second)};
}

Derivatives<3> GammaGammaLogLikelihood(const GammaGammaParameters& model, int64_t purchases, double m) {
  const auto [p, q, v] = model;
  const auto x = static_cast<double>(purchases);
  const LogGammaJet sum = LogGamma(p * x + q);
  const LogGammaJet rise = LogGammaRise(p * x, q);
  const LogGammaJet prior = LogGamma(q);
  const double spent = x * m;
  const double prior_share = v / (v + spent);
  const double own_share = spent / (v + spent);
  const double log_prior_share = -std::log1p(spent / v);
  const double log_own_share = -std::log1p(v / spent);

  // eq. 1a with the powers of v and x m gathered into the two shares
  Derivatives<3> result;
  result.value = rise.value - prior.value - std::log(m) + q * log_prior_share + p * x * log_own_share;
  const double in_p = p * x * (rise.first + log_own_share);
  const double in_q = q * (sum.first - prior.first + log_prior_share);
  const double in_v = q * own_share - p * x * prior_share;
  result.gradient = {in_p, in_q, in_v};
  const double p_q = p * x * q * sum.second;
  const double p_v = -p * x * prior_share;
  const double q_v = q * own_share;
  result.hessian[0] = {p * x * p * x * rise.second + in_p, p_q, p_v};
  result.hessian[1] = {p_q, q * q * (sum.second - prior.second) + in_q, q_v};
  result.hessian[2] = {p_v, q_v, -(q + p * x) * prior_share * own_share};
  return result;
}

double ExpectedSpend(const GammaGammaParameters& model, int64_t x, double m) {
  const auto purchases = static_cast<double>(x);
  return model.p * (model.v + purchases * m) / (model.p * purchases + model.q - 1);
}

double PopulationSpend(const GammaGammaParameters& model) { return model.p * model.v / (model.q - 1); }

}  // namespace strata
