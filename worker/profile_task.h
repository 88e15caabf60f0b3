// The feature stage's task: features, and what else a job wants of the same days: the profile, which looks into the
// shard's tables as well, and the history of its base. A pure function of the stage's plan and the objects that it
// names. Thread-safe as far as the store is.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "data/ledger/features.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "store/object_store.h"

namespace strata {

struct ProfiledFeatures {
  FeatureResult features;
  std::string profile;          // data/profile/column_file.h; empty: the job needs none
  std::string cutoff_profiles;  // data/profile/cutoff_profile.h; likewise
  std::string statistics;       // GapStatistics, model/classes/life_cycle.h; empty without a profile
  std::string history;          // BaseHistory, model/lifetime/base_history.h; empty: the job has no lifetime value
};

// Of `shard`, whose days are `days`. Errors of BuildFeatures, TableShard and BuildProfile.
absl::StatusOr<ProfiledFeatures> BuildProfiledFeatures(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                       uint32_t shard, const LedgerShard& days);

}  // namespace strata
