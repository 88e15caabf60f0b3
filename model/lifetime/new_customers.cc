#include "model/lifetime/new_customers.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/sbg.h"
#include "model/lifetime/special/negative_binomial.h"

namespace strata {
namespace {

// More counts than that are in no run of a customer; what lies beyond is a bound away (SurvivalOfCoins).
constexpr size_t kCountsMax = 1 << 20;

// Whoever has had a count beyond the run is at most as likely there as at its end.
double SurvivalOfCoins(const BgFamily& family, double t) {
  if (family.a == 0) return 1;
  const NegativeBinomialRun run = NegativeBinomial(family.r, t / family.alpha, kCountsMax);
  double stays = 1;  // E[q^coins] of so many coins
  int64_t coins = 0;
  const auto stay_for = [&](int64_t wanted) {
    for (; coins < wanted; ++coins) {
      const double before = family.b + static_cast<double>(coins);
      stays *= before / (family.a + before);
    }
    return stays;
  };
  double alive = 0;
  for (size_t i = 0; i < run.pmf.size(); ++i) {
    alive += run.pmf[i] * stay_for(family.Coins((run.first + static_cast<int64_t>(i)) / family.k));
  }
  return alive + run.beyond * stays;
}

double BetaSurvival(double leaving, double staying, double times) {
  double survival = 1;
  for (int64_t i = 0; i < static_cast<int64_t>(times); ++i) {
    const double stays = staying + static_cast<double>(i);
    survival *= stays / (leaving + stays);
  }
  return survival;
}

}  // namespace

double SurvivalOfNewCustomer(const LifetimeParameters& at, double t) {
  switch (at.kind) {
    case LifetimeKind::kParetoNbd:
      return std::exp(-at.value[2] * std::log1p(t / at.value[3]));
    case LifetimeKind::kBgBb:
      return BetaSurvival(at.value[2], at.value[3], t);
    case LifetimeKind::kSbg:
      return SbgSurvivor({.alpha = at.value[0], .beta = at.value[1]}, static_cast<int>(t));
    default:
      return SurvivalOfCoins(BgFamily::Of(at), t);
  }
}

NewCustomerCurve::NewCustomerCurve(const LifetimeParameters& at, double time_unit_days, int days_max)
    : expected_(static_cast<size_t>(std::max(days_max, 0)) + 1) {
  tbb::parallel_for(size_t{1}, expected_.size(), [&](size_t day) {
    expected_[day] = ExpectedPurchasesOfNewCustomer(at, static_cast<double>(day) / time_unit_days);
  });
}

}  // namespace strata
