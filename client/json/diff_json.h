// The comparison of two snapshots as JSON, under the API's field names. What is absent is null. Pure function;
// thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/snapshot/snapshot_diff.h"

namespace strata {

// Moves and classes carry their shares beside the API's counts, parameters their difference.
nlohmann::ordered_json DiffJson(const SnapshotDiff& diff);

}  // namespace strata
