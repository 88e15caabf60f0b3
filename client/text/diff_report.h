// What changed from one snapshot to another, for people. Pure function; thread-safe.
#pragma once

#include <string>

#include "data/snapshot/snapshot_diff.h"

namespace strata {

// Facts side by side, sizes, moves between segments and clusters, drift, and the models' parameters.
std::string DiffReport(const SnapshotDiff& diff);

}  // namespace strata
