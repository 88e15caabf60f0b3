// Whether a night fits its clusters anew, and where the last centres are in the space of tonight. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/clustering/drift.h"

namespace strata {

struct Centre;           // model/clustering/centres.h
struct ClusteringModel;  // model/clustering/cluster_model.h
struct ClusterSpace;     // model/clustering/feature_space.h

// `clustering.refit` and `clustering.drift` of a job. The default: every 30 days, or earlier on drift.
struct RefitRules {
  bool nightly = false;
  bool frozen = false;           // never, unless there is no model or the settings changed
  bool drift = true;             // on drift
  std::optional<int> days = 30;  // after so many days
  double psi = 0.25;             // drift is a flagged feature with at least this index (0.25: "major" in the field)
  double inertia = 0.25;         // or a mean squared distance this share greater than at the fit
  bool operator==(const RefitRules&) const = default;
};

struct RefitDecision {
  bool refit = true;
  std::string why;  // one sentence without a full stop, for models, reports and the log
  bool operator==(const RefitDecision&) const = default;
};

// `last` is null where nothing usable is followed; `tonight` then says nothing. `same_settings`: the features,
// transforms, scales, k, trim, gamma and weight of the job are those that the last model was fitted with.
RefitDecision DecideRefit(const RefitRules& rules, const ClusteringModel* last, bool same_settings,
                          const DriftPartial& tonight, const std::vector<FeatureDrift>& drift, Day as_of);

// The last model's centres on the grid of `space`, in the order of its clusters: every feature, by name, through its
// raw value; a feature that the last model lacks is at its middle. Modes go by their words; a word that the space lacks
// is
// "(other)" there, a category that the last model lacks has its most frequent word.
std::vector<Centre> CentresInSpace(const ClusteringModel& last, const ClusterSpace& space);

}  // namespace strata
