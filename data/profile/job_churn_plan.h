// What a job's churn model looks at. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/churn/churn_plan.h"
#include "run/churn_attributes.h"
#include "run/job.h"

namespace strata {

// What cutoff profiles (cutoff_profile.h) are made of.
struct CutoffRules {
  std::vector<ChurnAttribute> attributes;
  std::set<std::string> lines;  // features of details of transactions

  bool empty() const { return attributes.empty() && lines.empty(); }
};

// Those that the job's churn model looks at; empty without churn.
CutoffRules CutoffRulesOf(const Job& job);

// Precondition: the job has churn. Levels are the fit's to find, and so is how many of the cutoffs have rows.
ChurnPlan ChurnPlanOf(const Job& job);

}  // namespace strata
