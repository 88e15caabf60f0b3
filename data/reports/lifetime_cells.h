// What the reports of lifetime values have in common. Pure; thread-safe.
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "data/reports/report.h"
#include "model/lifetime/judgement.h"

namespace strata {

// A report that has nothing to say in this night, and why: it is left out with that reason.
absl::Status LeaveOut(const std::string& why);

// The night's model, and what judged it; else the reason for which the report is left out.
absl::StatusOr<const LifetimeModel*> FittedLifetime(const FittedModels* models);
absl::StatusOr<const HoldoutJudgement*> JudgementOf(const FittedModels* models);

// The model's story runs in days, so that its base can be followed through the calendar; BG/BB and sBG count
// opportunities and periods.
absl::Status NeedsDays(const LifetimeModel& model);

// What a customer of whom nothing is known is told to spend on a repeat purchase day, as scores have it: the mean over
// all customers or, where that is infinite, the median; absent: not known.
std::optional<double> SpendOfPopulation(const FittedModels& models);

inline ReportCell NumberCell(const std::optional<double>& value) {
  return value.has_value() && std::isfinite(*value) ? ReportCell(*value) : ReportCell();
}
inline ReportCell WordsCell(const std::string& words) { return words.empty() ? ReportCell() : ReportCell(words); }

}  // namespace strata
