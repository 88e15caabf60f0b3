// Orders of many values by counting instead of comparing. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace strata {

// Positions of the values in ascending order, equal values by position; -0 equals 0. Precondition: no NaN, at most
// 2^32 - 1 values.
std::vector<uint32_t> RowsByValue(std::span<const double> values);

// The same of whole numbers.
std::vector<uint32_t> RowsByKey(std::span<const uint64_t> keys);

// Sorts keys in ascending order.
void SortKeys(std::vector<uint64_t>* keys);

}  // namespace strata
