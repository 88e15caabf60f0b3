#include "model/lifetime/special/negative_binomial.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

namespace policies = boost::math::policies;
using Policy = policies::policy<policies::promote_double<false>, policies::evaluation_error<policies::ignore_error>,
                                policies::underflow_error<policies::ignore_error>>;

constexpr double kRelativeMin = 1e-25;
constexpr size_t kCountsMin = 48;  // beyond the mode: the first purchase may take a dozen of unlikely hits

}  // namespace

NegativeBinomialRun NegativeBinomial(double shape, double ratio, size_t counts_max) {
  if (ratio == 0) return {.first = 0, .pmf = {1.0}, .beyond = 0};
  const double share = ratio / (1 + ratio);
  const double mode = std::floor(std::fmax(0.0, (shape - 1) * ratio));
  std::vector<double> below;  // from mode - 1 downwards
  double weight = 1;
  for (double m = mode; m > 0 && below.size() < counts_max; --m) {
    weight *= m / ((shape + m - 1) * share);
    if (weight < kRelativeMin) break;
    below.push_back(weight);
  }
  NegativeBinomialRun run;
  run.first = static_cast<int64_t>(mode) - static_cast<int64_t>(below.size());
  run.pmf.assign(below.rbegin(), below.rend());
  run.pmf.push_back(1);
  weight = 1;
  bool cut = true;
  for (double m = mode; run.pmf.size() < counts_max; ++m) {
    weight *= (shape + m) / (m + 1) * share;
    if (weight < kRelativeMin && run.pmf.size() > below.size() + kCountsMin) {
      cut = false;
      break;
    }
    run.pmf.push_back(weight);
  }
  if (cut) run.beyond = NegativeBinomialTail(shape, ratio, run.last() + 1);
  // Small terms first, from both ends: the sum decides the last digits of all.
  double total = 0;
  for (size_t i = run.pmf.size(); i-- > below.size();) total += run.pmf[i];
  double lower = 0;
  for (size_t i = 0; i < below.size(); ++i) lower += run.pmf[i];
  const double scale = (1 - run.beyond) / (total + lower);
  for (double& probability : run.pmf) probability *= scale;
  return run;
}

double LogNegativeBinomial(double shape, double ratio, int64_t m) {
  if (m == 0) return -shape * std::log1p(ratio);
  return RiseOf(shape, m).value - RiseOf(1, m).value - shape * std::log1p(ratio) -
         static_cast<double>(m) * std::log1p(1 / ratio);
}

double NegativeBinomialTail(double shape, double ratio, int64_t m) {
  if (m <= 0) return 1;
  if (ratio == 0) return 0;
  return boost::math::ibeta(static_cast<double>(m), shape, ratio / (1 + ratio), Policy());
}

}  // namespace strata
