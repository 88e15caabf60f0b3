// On which side of churn's divisions a customer is, with all of its rows: a keyed draw of the customer alone, so that
// neither shards nor other customers matter. Pure functions; thread-safe.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "base/int128.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// From so many customers at risk at the newest training cutoff on a fifth of the customers is left out of training and
// calibrates; below, every fifth is left out once, as each row is needed.
inline constexpr int64_t kCalibrationFifthFrom = 20'000;
inline constexpr int kChurnFolds = 5;
inline constexpr int kValidationShare = 10;  // one in so many training customers stops the trees

inline uint32_t PartOf(uint64_t seed, DrawPurpose purpose, uint32_t parts, uint64_t hash) {
  const uint64_t draw = KeyedDraw(seed, DrawRound(purpose), hash);
  return static_cast<uint32_t>((static_cast<UInt128>(draw) * parts) >> 64);
}

struct CustomerSplit {
  uint64_t seed = 1;
  bool fifth = false;  // else folds

  // Whether the customer's rows are held out of fit `fold` (-1: the main fit, which leaves out the fifth alone).
  bool IsHeldOut(uint64_t hash, int fold) const {
    if (fifth) return PartOf(seed, DrawPurpose::kChurnCalibrationFifth, kChurnFolds, hash) == 0;
    return fold >= 0 && PartOf(seed, DrawPurpose::kChurnFold, kChurnFolds, hash) == static_cast<uint32_t>(fold);
  }
  bool IsValidation(uint64_t hash) const {
    return PartOf(seed, DrawPurpose::kChurnValidation, kValidationShare, hash) == 0;
  }
  bool operator==(const CustomerSplit&) const = default;
};

}  // namespace strata
