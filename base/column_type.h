// Types of named columns: what segments, reports and exports know of a value.
#pragma once

#include <cstdint>
#include <limits>

namespace strata {

enum class ColumnType : uint8_t { kInteger, kMoney, kShare, kNumber, kDay, kFlag, kText };
inline constexpr int64_t kNoWhole = std::numeric_limits<int64_t>::min();

}  // namespace strata
