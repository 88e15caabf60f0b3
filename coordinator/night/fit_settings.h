// What a night fits: the job's settings, with what the feature stage counted and the cuts that a job freezes. Pure;
// thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/classes/life_cycle.h"
#include "model/fit/night_fit.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/base_history.h"
#include "run/job.h"

namespace strata {

// Whether the job wants cuts or clusters of the snapshot that the run follows.
bool WantsFollowedModels(const Job& job);

struct FitFacts {
  Day as_of = 0;
  GapStatistics gaps;                          // of all shards
  std::shared_ptr<const BaseHistory> history;  // of all shards; null: the job has no lifetime value
  int holdout_days = 0;                        // of the features' view `holdout`; 0: there is none
  int churn_cutoffs = 1;                       // training cutoffs that the features have views for
  const FittedModels* followed = nullptr;      // null: none, or not to be read
};

struct ChosenFit {
  NightFitSettings settings;
  // Of cuts that the job freezes and the followed snapshot does not have as they are wanted: they are fitted anew; of a
  // hold-out that the job asks for and the history is too short for.
  std::vector<std::string> warnings;
};
ChosenFit ChooseFit(const Job& job, const FitFacts& facts, const Kernels* kernels);

}  // namespace strata
