// What `strata validate` found of merged identities and rates, for people and as JSON. Pure functions; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "data/source/table_profile.h"
#include "run/job.h"

namespace strata {

std::string TablesReport(const Job& job, const TablesProfile& profile);  // empty where the job has neither

// null where the job has no such table.
nlohmann::ordered_json AliasesJson(const TablesProfile& profile);
nlohmann::ordered_json FxJson(const TablesProfile& profile);

}  // namespace strata
