// Sizes as people write them on a command line. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

// "1048576", "64KiB", "256MiB", "10GiB": a whole number from 1 on, with an optional binary suffix directly behind it.
// INVALID_ARGUMENT (BYTES_INVALID) says what was found and what is allowed.
absl::StatusOr<uint64_t> ParseByteSize(std::string_view text);

// The shortest of these forms that is exact: "10GiB", "1000".
std::string FormatByteSize(uint64_t bytes);

}  // namespace strata
