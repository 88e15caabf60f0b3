// The feature stage's task of a job whose customers have profiles: features, and the profile from the same days and the
// shard's tables. A pure function of the stage's plan and the objects that it names. Thread-safe as far as the store
// is.
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
  std::string profile;     // data/profile/column_file.h
  std::string statistics;  // GapStatistics, model/classes/life_cycle.h
};

// Of `shard`, whose days are `days`. Errors of BuildFeatures, TableShard and BuildProfile.
absl::StatusOr<ProfiledFeatures> BuildProfiledFeatures(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                       uint32_t shard, const LedgerShard& days,
                                                       const FeatureDates& dates);

}  // namespace strata
