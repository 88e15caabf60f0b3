#include "model/lifetime/spend_distribution.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace strata {
namespace {

namespace policies = boost::math::policies;
using Policy = policies::policy<policies::promote_double<false>, policies::overflow_error<policies::ignore_error>,
                                policies::underflow_error<policies::ignore_error>>;

}  // namespace

double PopulationMedianSpend(const GammaGammaParameters& model) {
  // p / nu with nu from Gamma(q, v): the median of nu is its own.
  return model.p * model.v / boost::math::gamma_p_inv(model.q, 0.5, Policy());
}

double ProbabilityOfSpend(const GammaGammaParameters& model, int64_t x, double m, int64_t n, double total) {
  const double scale = model.v + static_cast<double>(x) * m;
  return boost::math::ibeta(model.p * static_cast<double>(n), model.p * static_cast<double>(x) + model.q,
                            total / (total + scale), Policy());
}

double SpendQuantile(const GammaGammaParameters& model, int64_t x, double m, int64_t n, double probability) {
  const double scale = model.v + static_cast<double>(x) * m;
  double rest = 0;  // 1 - share, without cancellation
  const double share = boost::math::ibeta_inv(model.p * static_cast<double>(n),
                                              model.p * static_cast<double>(x) + model.q, probability, &rest, Policy());
  return scale * share / rest;
}

}  // namespace strata
