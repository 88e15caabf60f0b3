// What `strata validate` found, for people and as JSON. Pure functions; thread-safe.
#pragma once

#include <string>

#include "data/source/validate.h"
#include "run/job.h"

namespace strata {

// Why the run would fail on its error budget, judged by the sample; empty when it would not.
std::string BudgetProblem(const RowCounts& sample, const ErrorBudget& budget);

std::string ValidateReport(const Job& job, const std::string& job_path, const SourceProfile& profile);
std::string ValidateJson(const Job& job, const SourceProfile& profile);

}  // namespace strata
