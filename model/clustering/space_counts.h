// Counting for the space over raw values that are at hand: what a shard and a finder share (space_finder.h). A pure
// function; thread-safe.
#pragma once

#include "model/clustering/space_finder.h"

namespace strata {

// All but words and the sample.
SpacePartial CountRawValues(const SpaceRequest& request, const RawValues& raw, const Kernels& kernels);

}  // namespace strata
