// From a confirmed fit to the clusters of a model: ids that persist, sizes, effects, names. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/clustering/centres.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/fit_stages.h"
#include "model/clustering/reference_normal.h"
#include "model/clustering/trimming.h"
#include "model/kernels/kernels.h"

namespace strata {

// Where a fitted model puts customers.
Placement PlacementOf(const ClusteringModel& model);

// By row of the sample: 1 for those that the threshold keeps.
std::vector<uint8_t> WithinThreshold(const GridSample& sample, const CentreSet& centres, const TrimThreshold& threshold,
                                     const Kernels& kernels);

// Fills everything of the model that is counted over customers. Without a followed model (`last` is null) ids are 1, 2,
// ... by size, the largest first; else they are those of the overlapping clusters (matching.h), or the model's own
// where it was kept (model->refit.refit is false). Precondition: the partial is of the placement.
void TakeConfirmed(const Placement& placement, const ConfirmPartial& confirmed, const ClusteringModel* last,
                   ClusteringModel* model);

}  // namespace strata
