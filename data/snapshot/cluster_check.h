// Whether a clustering model that was read holds together, as far as who labels, follows or shows customers relies on
// it (model/clustering/cluster_model.h says what holds): lists as long as what they are of, numbers that are some, ids
// and words that can be looked up. Pure, thread-safe.
#pragma once

#include <string>

#include "base/status.h"
#include "model/clustering/cluster_model.h"

namespace strata {

// DATA_LOSS (SNAPSHOT_CORRUPT) names `place`, what was found and what is allowed.
absl::Status CheckClustering(const ClusteringModel& model, const std::string& place);

}  // namespace strata
