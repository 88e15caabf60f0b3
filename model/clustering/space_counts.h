// Counting for the space over raw values that are at hand: what a shard and a finder share (space_finder.h). A pure
// function; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/clustering/space_finder.h"

namespace strata {

// All but words and the sample.
SpacePartial CountRawValues(const SpaceRequest& request, const RawValues& raw, const Kernels& kernels);

// The words that a category keeps, of all customers' counts: the most frequent kMaxLevels, "(none)" and "(other)" among
// them; the others count as "(other)".
void KeepWords(const std::map<std::string, int64_t>& counts, CategoryFeature* category);

}  // namespace strata
