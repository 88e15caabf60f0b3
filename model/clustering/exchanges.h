// Local search by exchanges (Lattanzi, Sohler 2019, ICML): a point drawn in proportion to its squared distance takes
// the place of the centre that is missed least, where that makes the inertia less. Exact integers and keyed draws: a
// pure function; thread-safe.
#pragma once

#include <cstdint>

#include "model/clustering/centres.h"
#include "model/clustering/point_blocks.h"
#include "model/kernels/kernels.h"

namespace strata {

// The centres after `proposals` draws of KeyedDraw(seed, kClusteringExchange, stream + i), each with its exchange if
// that helps. The same centres where none did.
CentreSet ImproveByExchanges(const PointBlocks& points, const CentreSet& centres, int proposals, uint64_t seed,
                             uint64_t stream, const Kernels& kernels);

}  // namespace strata
