// A column of the logistic model's matrix: what of which feature it is. A plain value.
//
//   kValue    sign(v) log(1 + |v|) of the value v in the feature's unit where the feature asks for the logarithm, else
//             v; a missing value counts as the training median
//   kMissing  1 where the value is missing, else 0: of features with a missing value among the training rows
//   kLevel    1 for customers of that level of a category, else 0: of all levels but the most frequent one. A level
//             that the fit has not seen, and no word, are 0 in each of them
#pragma once

#include <cstdint>

namespace strata {

struct LogisticColumn {
  enum class Kind : uint8_t { kValue = 0, kMissing = 1, kLevel = 2 };
  uint16_t feature = 0;  // of the plan
  Kind kind = Kind::kValue;
  uint16_t level = 0;  // of kLevel, in the plan's levels of the feature
  bool operator==(const LogisticColumn&) const = default;
};

}  // namespace strata
