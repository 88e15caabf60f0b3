// What `strata validate` found, for people and as JSON. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/source/validate.h"
#include "run/job.h"

namespace strata {

// What was found in the sources of a job.
struct JobProfile {
  SourceProfile transactions;
  std::vector<SourceProfile> tables;  // by Job::tables
};

// Why the run would fail on an error budget, judged by the samples; empty when it would not.
std::string BudgetProblem(const Job& job, const JobProfile& profile);

std::string ValidateReport(const Job& job, const std::string& job_path, const JobProfile& profile);
std::string ValidateJson(const Job& job, const JobProfile& profile);

}  // namespace strata
