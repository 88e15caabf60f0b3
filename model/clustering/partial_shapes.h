// Whether what shards sent has the sizes that a round asked for. A damaged answer that passed every checksum must end a
// run with an error, never a process.
//
// Pure functions; thread-safe. INTERNAL (PARTIAL_MISMATCH) says what does not fit.
#pragma once

#include "base/status.h"
#include "model/clustering/drift.h"
#include "model/clustering/fit_stages.h"
#include "model/clustering/trials.h"

namespace strata {

absl::Status PartialMismatch(std::string_view what);

absl::Status CheckDrift(const ClusteringModel& last, const DriftPartial& partial);
// The results of units [first_unit, end_unit), and no others; the fit from last centres only where there are some.
absl::Status CheckTrials(const TrialsRequest& request, const TrialsPartial& partial);
absl::Status CheckCandidates(const ClusterSpace& space, const KeyedSample& candidates);
// `last_clusters` of the model that is followed; 0: none.
absl::Status CheckConfirmed(const Placement& placement, size_t last_clusters, const ConfirmPartial& partial);
absl::Status CheckQuality(size_t clusters, const ClusterQuality& quality);

}  // namespace strata
