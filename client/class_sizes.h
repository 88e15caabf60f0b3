// The classes of two snapshots by size, from how customers moved between them. Pure function; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/snapshot/snapshot_diff.h"

namespace strata {

struct ClassSizes {
  int64_t base = 0;  // customers
  int64_t other = 0;
  int64_t stayed = 0;  // of base
};

// By name; `order` gets the names in the order of the moves, which is that of the classes' numbers. Customers that one
// of the snapshots lacks count in the other.
std::map<std::string, ClassSizes> SizesOf(const std::vector<ClassMove>& moves, std::vector<std::string>* order);

}  // namespace strata
