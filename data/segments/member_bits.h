// Who is in which segment: a bit per customer and segment. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct MemberBits { std::vector<std::string> names; std::vector<std::vector<uint64_t>> bits; };  // 64 customers a word

}  // namespace strata
