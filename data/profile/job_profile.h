// What a job's profiles are made of. Pure; thread-safe.
#pragma once

#include <string>

#include "data/profile/profile_rules.h"
#include "run/job.h"

namespace strata {

// Whether customers have a profile, and classes with it: a job that asks for nothing beyond its plain models does not
// pay for them.
bool WantsProfile(const Job& job);

ProfileRules ProfileRulesOf(const Job& job, Day as_of);

// What the margin is made of in this job, for people.
std::string MarginBasis(const Job& job);

}  // namespace strata
