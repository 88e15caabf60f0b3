// How many rejected rows a run may have. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "run/job.h"

namespace strata {

// Which limit of the budget `rejected` of `read` rows pass, as the job file names it ("rejected_ratio_max is 0.01");
// empty when they are within the budget. A ratio of 0 allows no reject at any size, unless rejected_max says how many;
// a ratio above 0 is looked at from kBudgetRatioMinRows rows on.
std::string PassedLimit(const ErrorBudget& budget, int64_t rejected, int64_t read);

}  // namespace strata
