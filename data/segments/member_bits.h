// Who is in which segment: a bit per customer and segment. Plain values; read-only once made, so thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct MemberBits {
  std::vector<std::string> names;  // of segments, ascending
  // By name: says what the condition was (Condition::definition), so that a segment that means something else now is
  // told from one whose members changed.
  std::vector<std::string> definitions;
  // By name; customer i is bit i % 64 of word i / 64; bits behind the last are 0.
  std::vector<std::vector<uint64_t>> bits;

  bool Has(size_t segment, size_t customer) const { return (bits[segment][customer / 64] >> customer % 64 & 1) != 0; }
};

}  // namespace strata
