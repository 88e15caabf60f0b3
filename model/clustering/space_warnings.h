// What the space of a clustering tells of customers that do not count as their values say. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/clustering/feature_space.h"

namespace strata {

// Of a category's words, before and after rare ones became "(other)": too few to tell anybody apart, or too many.
std::optional<std::string> WordsWarning(const CategoryFeature& category, const std::map<std::string, int64_t>& counts);

// Customers by what rounding and the greatest weight do to theirs.
struct WeightCounts {
  int64_t none = 0;          // no value above 0
  int64_t rounded_away = 0;  // above 0, but too small for the unit: they weigh nothing
  int64_t capped = 0;        // more than the greatest weight
};
std::optional<std::string> WeightWarning(const ClusterSpace& space, const WeightCounts& counts);

}  // namespace strata
