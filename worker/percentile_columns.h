// The columns whose percentiles a fit round counts: those that conditions of segments name, scored with the models that
// the round brings. Pure; thread-safe.
#pragma once

#include "model/fit/percentile_round.h"
#include "model/kernels/kernels.h"

namespace strata {

// `kernels` must outlive what it makes. DATA_LOSS for models that cannot be read.
ColumnsByModels ScoredColumns(const Kernels& kernels);

}  // namespace strata
