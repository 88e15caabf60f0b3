#include "run/lifetime_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace strata {

std::vector<std::string> LifetimeSettings::ProfileColumns() const {
  std::set<std::string> columns;
  if (covariates.has_value()) {
    columns.insert(covariates->rate.begin(), covariates->rate.end());
    columns.insert(covariates->dropout.begin(), covariates->dropout.end());
  }
  if (contract.has_value()) columns.insert({contract->start, contract->end});
  return {columns.begin(), columns.end()};
}

absl::StatusOr<int> HoldoutDays(const LifetimeSettings& settings, Day as_of, std::optional<Day> first_day) {
  const int span = first_day.has_value() ? std::max(as_of - *first_day, 0) : 0;
  switch (settings.holdout) {
    case LifetimeSettings::Holdout::kNone:
      return 0;
    case LifetimeSettings::Holdout::kAuto: {
      const int days = std::min(std::max(settings.horizon_days, kHoldoutDaysMin), span / kHoldoutShareOfSpan);
      return days < kHoldoutDaysMin ? 0 : days;
    }
    case LifetimeSettings::Holdout::kDays:
      break;
  }
  // A base that has only begun is no mistake of the job.
  if (span < kHoldoutDaysMin) return 0;
  if (settings.holdout_days < span) return settings.holdout_days;
  return MakeError(absl::StatusCode::kFailedPrecondition, "HOLDOUT_TOO_LONG",
                   fmt::format("models.lifetime.holdout_days: found {}, but the history has {} days up to the date of "
                               "the run; allowed: fewer days than that, auto, or none",
                               settings.holdout_days, span));
}

std::string WhyNoHoldout(const LifetimeSettings& settings, int holdout_days) {
  if (holdout_days > 0 || settings.is_auto() || settings.holdout == LifetimeSettings::Holdout::kNone) return "";
  const bool in_days = settings.holdout == LifetimeSettings::Holdout::kDays;
  return fmt::format(
      "models.lifetime.holdout_days is {}, but the history has less than {} days: nothing is held out to judge the "
      "model by",
      in_days ? fmt::format("{}", settings.holdout_days) : "auto",
      in_days ? kHoldoutDaysMin : kHoldoutDaysMin * kHoldoutShareOfSpan);
}

}  // namespace strata
