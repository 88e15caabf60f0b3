// What a shard could not do, as part of its partial: accumulating has no status of its own. The least by bytes of all
// shards' errors becomes the run's, so that it does not depend on how shards were grouped. Pure functions; thread-safe.
#pragma once

#include <string>

#include "base/status.h"

namespace strata {

// An error as text: code, reason and message; metadata are left out. Empty for OK.
std::string ShardErrorOf(const absl::Status& status);

// Keeps the lesser of both; an empty one is none.
void MergeShardError(std::string* error, const std::string& other);

// The error again; OK for an empty text, INTERNAL for one that ShardErrorOf did not write.
absl::Status StatusOfShardError(const std::string& error);

}  // namespace strata
