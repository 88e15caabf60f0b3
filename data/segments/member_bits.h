// Who is in which segment: a bit per customer and segment. Plain values; read-only once made, so thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct MemberBits {
  std::vector<std::string> names;  // of segments, ascending
  std::vector<std::vector<uint64_t>>
      bits;  // by name; customer i is bit i % 64 of word i / 64; bits behind the last are 0
};

}  // namespace strata
