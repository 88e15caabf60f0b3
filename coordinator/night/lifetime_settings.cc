#include "coordinator/night/lifetime_settings.h"

#include <memory>
#include <utility>

#include "data/profile/job_profile.h"
#include "data/profile/lifetime_periods.h"

namespace strata {
namespace {

constexpr double kDaysOfYear = 365.25;  // of a Julian year: calendar units on average

double DaysOf(const LifetimePeriod& period) {
  if (period.unit.empty()) return period.days;
  return kDaysOfYear / (period.unit == "year" ? 1 : period.unit == "quarter" ? 4 : 12);
}

// Absent: purchases may come at any time.
std::optional<int32_t> PeriodsAhead(const LifetimeSettings& asked, Day as_of) {
  if (asked.opportunity.has_value()) {
    return static_cast<int32_t>(OpportunitiesAhead(as_of, asked.horizon_days, *asked.opportunity));
  }
  if (!asked.contract.has_value()) return std::nullopt;
  return static_cast<int32_t>(ContractPeriodsAhead(as_of, asked.horizon_days, asked.contract->period));
}

CovariateSettings CovariatesOf(const LifetimeCovariates& asked) {
  return {.rate = asked.rate,
          .dropout = asked.dropout,
          .strength = asked.dropout_strength,
          .common_factor = asked.common_factor,
          .reference = asked.reference,
          .told_per = asked.scale,
          .prior_deviation = asked.prior_sd};
}

}  // namespace

LifetimeFitSettings LifetimeSettingsOf(const Job& job, const FitFacts& facts) {
  const LifetimeSettings& asked = *job.lifetime;
  LifetimeFitSettings settings;
  settings.kind.reset();
  if (!asked.is_auto()) settings.kind = LifetimeKindOf(asked.model);
  settings.k = asked.k;
  settings.time_unit_days = asked.time_unit_days;
  if (asked.opportunity.has_value()) settings.time_unit_days = DaysOf(*asked.opportunity);
  if (asked.contract.has_value()) settings.time_unit_days = DaysOf(asked.contract->period);
  settings.as_of = facts.as_of;
  settings.horizon_periods = PeriodsAhead(asked, facts.as_of);
  settings.holdout_days = facts.holdout_days;
  settings.choose_days = asked.choose_days;
  settings.refit.frozen = asked.refit == LifetimeSettings::Refit::kFrozen;
  settings.refit.days = asked.refit == LifetimeSettings::Refit::kEvery ? asked.refit_days : 1;
  for (const auto& [name, prior] : asked.prior) settings.prior[name] = {prior.median, prior.factor};
  settings.interval = asked.interval;
  settings.bootstrap = asked.bootstrap;
  settings.seed = job.seed;
  if (asked.covariates.has_value()) settings.covariates = CovariatesOf(*asked.covariates);
  if (asked.margin) settings.margin_basis = MarginBasis(job);
  settings.history = facts.history;
  if (facts.followed != nullptr && facts.followed->lifetime.has_value()) {
    settings.last = std::make_shared<const LifetimeModel>(*facts.followed->lifetime);
  }
  return settings;
}

}  // namespace strata
