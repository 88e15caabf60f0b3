// Waiting for many answers at once: requests to a server far away cost a round trip each, whatever they ask for.
#pragma once

#include <cstddef>
#include <functional>

#include "base/status.h"

namespace strata {

inline constexpr size_t kRequestsAtOnce = 16;  // of one call; below the 25 connections that Arrow's client keeps

// Calls `request(i)` for every i below `count` on up to kRequestsAtOnce threads, which end with the call. After a
// failure no further ones are begun; the failure with the smallest i is returned.
absl::Status SideBySide(size_t count, const std::function<absl::Status(size_t)>& request);

}  // namespace strata
