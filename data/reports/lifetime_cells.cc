#include "data/reports/lifetime_cells.h"

#include <fmt/format.h>

namespace strata {

absl::Status LeaveOut(const std::string& why) {
  return MakeError(absl::StatusCode::kOutOfRange, "REPORT_HAS_NOTHING_TO_SAY", why);
}

absl::StatusOr<const LifetimeModel*> FittedLifetime(const FittedModels* models) {
  if (!models->lifetime.has_value()) return LeaveOut("the night fitted no lifetime value");
  const LifetimeModel& model = *models->lifetime;
  if (!model.fit.fitted) {
    return LeaveOut(fmt::format("the lifetime model was not fitted: {}", model.fit.reason));
  }
  return &model;
}

absl::StatusOr<const HoldoutJudgement*> JudgementOf(const FittedModels* models) {
  STRATA_ASSIGN_OR_RETURN(const LifetimeModel* model, FittedLifetime(models));
  if (!model->holdout.has_value()) return LeaveOut("there was no hold-out: the history is too short for one");
  if (!model->holdout->reason.empty()) return LeaveOut(fmt::format("no hold-out: {}", model->holdout->reason));
  return &*model->holdout;
}

absl::Status NeedsDays(const LifetimeModel& model) {
  const LifetimeKind kind = model.fit.parameters.kind;
  if (kind != LifetimeKind::kBgBb && kind != LifetimeKind::kSbg) return absl::OkStatus();
  return LeaveOut(fmt::format("{} counts opportunities or periods, and not days", Name(kind)));
}

std::optional<double> SpendOfPopulation(const FittedModels& models) {
  if (!models.spend.has_value()) return std::nullopt;
  const SpendModel& model = *models.spend;
  const bool has_mean = model.boundary.find("infinite_mean") == std::string::npos;
  const double spend = has_mean ? model.population_mean : model.population_median.value_or(std::nan(""));
  if (!std::isfinite(spend) || spend <= 0) return std::nullopt;
  return spend;
}

}  // namespace strata
