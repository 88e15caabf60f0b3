// Partial dependence (Friedman 2001, Annals of Statistics 29(5), section 8.2): the mean margin of customers when one of
// their features is set to a value and all others stay. Of an ensemble, over bins. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "model/kernels/kernels.h"
#include "model/trees/binned_rows.h"
#include "model/trees/ensemble.h"

namespace strata {

inline constexpr size_t kDependenceFeatures = 10;  // those that move the margin most
inline constexpr size_t kDependenceRows = 2'000;
inline constexpr size_t kDependenceSteps = 20;  // of a feature, at most: neighbouring bins go together

struct DependenceStep {
  uint16_t feature = 0;
  uint16_t first_code = 0, last_code = 0;  // of a category: its level, twice
  int64_t margin = 0;                      // mean, rounded down to units of 2^-kMarginGridBits

  bool operator==(const DependenceStep&) const = default;
};

// Of the features of greatest `contribution` (ties: the first) by these rows; ascending codes. `first_code`: by
// feature, the least code among training rows. Works on the TBB threads of the calling arena.
std::vector<DependenceStep> DependenceOf(const Ensemble& ensemble, const BinnedRows& rows,
                                         std::span<const double> contribution, std::span<const uint16_t> first_code,
                                         const Kernels& kernels);

}  // namespace strata
