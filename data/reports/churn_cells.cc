#include "data/reports/churn_cells.h"

#include <fmt/format.h>

#include <cmath>

namespace strata {

absl::StatusOr<const ChurnModel*> ChurnOf(const FittedModels* models) {
  if (!models->churn.has_value()) return LeaveOut("the night fitted no churn model");
  return &*models->churn;
}

absl::StatusOr<const ChurnModel*> FittedChurn(const FittedModels* models) {
  STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, ChurnOf(models));
  if (!model->fitted) return LeaveOut(fmt::format("the churn model was not fitted: {}", model->reason));
  return model;
}

absl::StatusOr<const ChurnModel*> GradedChurn(const FittedModels* models) {
  STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, FittedChurn(models));
  if (model->grade == Grade::kNone) {
    return LeaveOut(fmt::format("the churn model was not graded: {}", model->grade_reason));
  }
  return model;
}

const char* Name(ChurnQuestion question) {
  switch (question) {
    case ChurnQuestion::kPurchases:
      return "purchases";
    case ChurnQuestion::kContract:
      return "contract";
    case ChurnQuestion::kDatedLabel:
      return "dated label";
    case ChurnQuestion::kUndatedLabel:
      return "undated label";
  }
  return "";
}

ReportCell MoneyCell(double amount) {
  constexpr double kMicros = 1e6, kLargest = 9e12;
  if (!std::isfinite(amount) || std::fabs(amount) > kLargest) return {};
  return int64_t{std::llround(amount * kMicros)};
}

}  // namespace strata
