// Maximum likelihood for Gamma-Gamma (gamma_gamma.h): parameters with errors and intervals, and a judgement of what the
// data determine. Searches, errors, intervals and the test of a boundary are those of fit_lifetime.h. Where the optimum
// lies on a boundary the parameters concerned have no estimate, and what is known instead follows the estimates of p, q
// and v; p, q and v themselves, which scores use, are then those of a fit with the strength held at 1e6:
//   equal_purchases  p to infinity: a customer spends the same at every purchase; p v is known
//   equal_customers  q to infinity: customers do not differ in what they spend; q / v is known; both: p v / q
//   infinite_mean    q is at most 1: the population's mean spend is infinite, its median is not; population_mean is
//   then
//                    the plain mean of customers' means, and no statement about new customers should use it
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "model/fitted_models.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/likelihood.h"
#include "model/lifetime/spend_sums.h"

namespace strata {

// Fewer customers than this are no base to estimate three parameters from.
inline constexpr int64_t kSpendCustomersMin = 10;
// Gamma-Gamma takes spend and frequency as independent. Correlations beyond this are warned of.
inline constexpr double kSpendCorrelationMax = 0.2;

// The log-likelihood of all customers, with derivatives in ln p, ln q and ln v; the fourth is not used. Remembers what
// it found, so that a search that is walked once more asks for nothing twice. Not thread-safe.
class SpendLikelihood : public LifetimeLikelihood {
 public:
  // The sums of the customers of `totals` at v; nullopt: not known, the point has no usable value now.
  using SumsAt = std::function<std::optional<SpendSums>(double v)>;

  SpendLikelihood(const SpendCensus& totals, SumsAt sums_at);

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override;

 private:
  std::vector<std::pair<int32_t, SpendCensus::Class>> classes_;
  double customers_ = 0;
  double log_means_ = 0;      // sum of ln m
  double weighted_logs_ = 0;  // sum of x ln(x m)
  double purchases_ = 0;      // sum of x
  SumsAt sums_at_;
  mutable std::map<std::array<double, 3>, Derivatives<4>> known_;
};

// `near`: close to the optimum, as found on a share of the customers; without it, or where it leads nowhere, the search
// begins at estimates by moments. Never fails: `reason` says why nothing could be fitted. `profile`: intervals by the
// profile likelihood where a logarithm's error exceeds 1.
SpendModel FitSpend(const SpendCensus& totals, const SpendLikelihood& likelihood,
                    const std::optional<GammaGammaParameters>& near, bool profile);

// The same of customers in memory, on the TBB threads.
SpendModel FitSpend(std::span<const SpendRow> rows, const Kernels& kernels);

// What `rows` sum up to; on the TBB threads.
SpendCensus CensusOf(std::span<const SpendRow> rows, const Kernels& kernels);
SpendSums SumsOf(std::span<const SpendRow> rows, double v, const Kernels& kernels);

}  // namespace strata
