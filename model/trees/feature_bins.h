// Which bins a feature gets: as many as asked for, of equally many rows as far as equal values allow, from exact
// counts. Pure functions of the counts; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/trees/ensemble.h"

namespace strata {

inline constexpr size_t kCodes = 65536;         // codes of a feature (model/churn/codes.h)
inline constexpr uint16_t kNoCode = 0xFFFF;     // the missing one
inline constexpr uint32_t kMaxTreeLevels = 63;  // of a category: bins 1..63 of a 64-bit set

// Bins of a number from the count of every code (kCodes of them; the missing code's count is not looked at): one for
// every code that occurs where these are at most bins_max, else runs of codes that are as near to equal counts as
// codes allow, a frequent code alone. What lies between two bins' codes is shared half and half.
// Precondition: 1 <= bins_max < kMaxBins.
FeatureBins BinsOf(std::span<const int64_t> count_by_code, int bins_max);

// BinOf of every code: kCodes bytes.
std::vector<uint8_t> BinTableOf(const FeatureBins& bins);

// Bins of real numbers: what tools that have no codes (benchmarks, comparisons) fit on.
struct FloatBins {
  std::vector<float> last;  // bin 1 + i ends with last[i], ascending; greater values belong to the last bin

  uint8_t BinOf(float value) const;  // NaN: 0
  void BinsOf(const float* values, size_t n, uint8_t* bins) const;
  // What a fit needs to know of the feature.
  FeatureBins feature_bins() const;
};
// By the same rule as BinsOf, from the values that are no NaN.
FloatBins FloatBinsOf(std::span<const float> values, int bins_max);

// Bins of n rows that stand row by row, feature j's at bins + j * stride.
void BinRows(std::span<const FloatBins> features, const float* rows, size_t n, size_t stride, uint8_t* bins);

}  // namespace strata
