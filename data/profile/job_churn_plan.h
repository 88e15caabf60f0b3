// What a job's churn model looks at. Pure; thread-safe.
#pragma once

#include <vector>

#include "model/churn/churn_plan.h"
#include "run/churn_attributes.h"
#include "run/job.h"

namespace strata {

// Columns of customers beside their days; none without churn.
std::vector<ChurnAttribute> ChurnColumnsOf(const Job& job);

// Precondition: the job has churn. Levels are the fit's to find, and so is how many of the cutoffs have rows.
ChurnPlan ChurnPlanOf(const Job& job);

}  // namespace strata
