#include "run/error_budget.h"

#include <fmt/format.h>

namespace strata {

std::string PassedLimit(const ErrorBudget& budget, int64_t rejected, int64_t read) {
  if (budget.rejected_max.has_value() && rejected > *budget.rejected_max) {
    return fmt::format("rejected_max is {}", *budget.rejected_max);
  }
  if (budget.rejected_ratio_max == 0) {
    return rejected > 0 && !budget.rejected_max.has_value() ? "rejected_ratio_max is 0" : "";
  }
  const double allowed = budget.rejected_ratio_max * static_cast<double>(read);
  if (read >= kBudgetRatioMinRows && static_cast<double>(rejected) > allowed) {
    return fmt::format("rejected_ratio_max is {}", budget.rejected_ratio_max);
  }
  return "";
}

}  // namespace strata
