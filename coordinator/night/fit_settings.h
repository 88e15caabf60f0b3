// What a night fits: the job's settings, with what the feature stage counted and the cuts that a job freezes. Pure;
// thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/date.h"
#include "model/classes/life_cycle.h"
#include "model/fit/night_fit.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "run/job.h"

namespace strata {

// Whether the job wants cuts or clusters of the snapshot that the run follows.
bool WantsFollowedModels(const Job& job);

struct FitFacts {
  Day as_of = 0;
  GapStatistics gaps;                      // of all shards
  const FittedModels* followed = nullptr;  // null: none, or not to be read
};

struct ChosenFit {
  NightFitSettings settings;
  // Of cuts that the job freezes and the followed snapshot does not have as they are wanted: they are fitted anew.
  std::vector<std::string> warnings;
};
ChosenFit ChooseFit(const Job& job, const FitFacts& facts, const Kernels* kernels);

}  // namespace strata
