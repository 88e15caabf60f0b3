// What the reports of churn have in common. Pure; thread-safe.
#pragma once

#include <string>

#include "data/reports/lifetime_cells.h"
#include "data/reports/report.h"

namespace strata {

// The night's churn model, whether it was fitted or not; else the reason for which the report is left out.
absl::StatusOr<const ChurnModel*> ChurnOf(const FittedModels* models);
// That model where it gives probabilities by itself.
absl::StatusOr<const ChurnModel*> FittedChurn(const FittedModels* models);
// That model where it was tested on customers.
absl::StatusOr<const ChurnModel*> GradedChurn(const FittedModels* models);

// Whom the question is about, for people.
const char* Name(ChurnQuestion question);  // "purchases", "contract", "dated label", "undated label"

// A text that is absent where it is empty.
inline ReportCell TextCell(const std::string& text) { return text.empty() ? ReportCell() : ReportCell(text); }
// An amount of currency as money; absent where it is not finite, or beyond all money.
ReportCell MoneyCell(double amount);

}  // namespace strata
