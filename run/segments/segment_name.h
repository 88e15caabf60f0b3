// How segments may be called, by jobs and in names of resources. Plain constants.
#pragma once

#include <cstddef>

namespace strata {

inline constexpr size_t kMaxSegmentNameBytes = 63;  // [a-z0-9][a-z0-9_-]{0,62}; a job's own begin with a letter

}  // namespace strata
