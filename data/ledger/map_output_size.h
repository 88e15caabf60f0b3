// How large a shard's part of a map output is, without reading it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace strata {

// Bytes of the shard's block in an object of EncodeMapOutput, from its index. Not verified: DecodeMapOutput does that.
// DATA_LOSS (MAP_OUTPUT_CORRUPT) where there is no such entry.
absl::StatusOr<uint64_t> MapOutputBytes(std::string_view object, uint32_t shard);

}  // namespace strata
