// Lists of cuts in a job file: a given number of numbers, each greater than the one before. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "run/yaml_section.h"

namespace strata {

enum class NumberKind : uint8_t {
  kDays,    // whole, from 0 to kMaxCutDays
  kCounts,  // whole, from 0 to kMaxCutCount
  kMoney,   // at most six decimals, may be negative; read as micros
  kShares,  // greater than 0 and less than 1, at most six decimals; read as millionths
};
inline constexpr int64_t kMaxCutDays = 36'500;              // a century: beyond every history of purchases
inline constexpr int64_t kMaxCutCount = 1'000'000;          // purchase days; nobody has more
inline constexpr int64_t kMaxCutMoney = 1'000'000'000'000;  // units of the currency; micros of it fit 63 bits

// The list at `key` of `section`, which must have `size` numbers; untouched where the key is absent.
absl::Status ReadAscending(const YamlSection& section, const std::string& key, NumberKind kind, size_t size,
                           std::vector<int64_t>* values);

}  // namespace strata
