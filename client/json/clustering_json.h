// The clustering of `strata models --json`. Pure; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/clustering/cluster_model.h"

namespace strata {

// Entry i of `sizes` and `centroids` is of entry i of `clusters`, which has the id.
nlohmann::ordered_json ClusteringJson(const ClusteringModel& model);

}  // namespace strata
