#include "model/trees/feature_bins.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/int128.h"

namespace strata {
namespace {

// The places after which a bin ends, in distinct values that occur counts[0], counts[1], ... times. A bin ends where
// its rows are nearest to an equal share of what is left for the bins that are left.
std::vector<size_t> Cuts(std::span<const int64_t> counts, int bins_max) {
  Int128 rows_left = 0;
  for (const int64_t count : counts) rows_left += count;
  std::vector<size_t> last;
  int64_t bins_left = bins_max;
  int64_t rows = 0;  // of the open bin
  for (size_t i = 0; i < counts.size(); ++i) {
    const bool enough_bins = static_cast<int64_t>(counts.size() - i) <= bins_left - (rows > 0 ? 1 : 0);
    // With the next value it would be further from the share than without.
    const bool full = bins_left > 1 && Int128{2 * rows + counts[i]} * bins_left > 2 * rows_left;
    if (rows > 0 && (enough_bins || full)) {
      last.push_back(i - 1);
      rows_left -= rows;
      --bins_left;
      rows = 0;
    }
    rows += counts[i];
  }
  if (rows > 0) last.push_back(counts.size() - 1);
  return last;
}

// Ascending, NaN left out: distinct values and how often they occur.
struct Occurrences {
  std::vector<float> values;
  std::vector<int64_t> counts;
};

Occurrences CountValues(std::span<const float> values) {
  std::vector<float> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](float value) { return !std::isnan(value); });
  std::sort(sorted.begin(), sorted.end());
  Occurrences result;
  for (const float value : sorted) {
    if (result.values.empty() || result.values.back() != value) {
      result.values.push_back(value);
      result.counts.push_back(0);
    }
    ++result.counts.back();
  }
  return result;
}

}  // namespace

FeatureBins BinsOf(std::span<const int64_t> count_by_code, int bins_max) {
  std::vector<uint16_t> codes;
  std::vector<int64_t> counts;
  for (size_t code = 0; code < kNoCode; ++code) {
    if (count_by_code[code] == 0) continue;
    codes.push_back(static_cast<uint16_t>(code));
    counts.push_back(count_by_code[code]);
  }
  FeatureBins result;
  for (const size_t last : Cuts(counts, bins_max)) {
    const uint32_t next = last + 1 < codes.size() ? codes[last + 1] : codes[last];
    result.last_code.push_back(static_cast<uint16_t>((codes[last] + next) / 2));
  }
  return result;
}

std::vector<uint8_t> BinTableOf(const FeatureBins& bins) {
  std::vector<uint8_t> table(kCodes);
  for (size_t code = 0; code < kCodes; ++code) table[code] = bins.BinOf(static_cast<uint16_t>(code));
  return table;
}

uint8_t FloatBins::BinOf(float value) const {
  uint8_t bin = 0;
  BinsOf(&value, 1, &bin);
  return bin;
}

void FloatBins::BinsOf(const float* values, size_t n, uint8_t* bins) const {
  // Of the ends of all bins but the last, those below the value are counted by halving, without branches.
  constexpr size_t kHalves[] = {128, 64, 32, 16, 8, 4, 2, 1};
  float ends[kMaxBins];
  std::fill(ends, ends + kMaxBins, std::numeric_limits<float>::infinity());
  if (!last.empty()) std::copy(last.begin(), last.end() - 1, ends);
  const uint8_t first = last.empty() ? 0 : 1;
  for (size_t i = 0; i < n; ++i) {
    size_t below = 0;
    for (const size_t half : kHalves) below += half * static_cast<size_t>(ends[below + half - 1] < values[i]);
    bins[i] = std::isnan(values[i]) ? uint8_t{0} : static_cast<uint8_t>(first + below);
  }
}

void BinRows(std::span<const FloatBins> features, const float* rows, size_t n, size_t stride, uint8_t* bins) {
  constexpr size_t kRowsAtOnce = 256;  // of some dozen features: in the first cache
  float column[kRowsAtOnce];
  for (size_t begin = 0; begin < n; begin += kRowsAtOnce) {
    const size_t count = std::min(kRowsAtOnce, n - begin);
    for (size_t j = 0; j < features.size(); ++j) {
      for (size_t i = 0; i < count; ++i) column[i] = rows[(begin + i) * features.size() + j];
      features[j].BinsOf(column, count, bins + j * stride + begin);
    }
  }
}

FeatureBins FloatBins::feature_bins() const {
  FeatureBins result;
  for (size_t i = 0; i < last.size(); ++i) result.last_code.push_back(static_cast<uint16_t>(i));
  return result;
}

FloatBins FloatBinsOf(std::span<const float> values, int bins_max) {
  const Occurrences found = CountValues(values);
  FloatBins result;
  for (const size_t place : Cuts(found.counts, bins_max)) {
    const float next = place + 1 < found.values.size() ? found.values[place + 1] : found.values[place];
    // Below `next`, so that next has the following bin.
    const float middle = found.values[place] + (next - found.values[place]) / 2;
    result.last.push_back(middle < next ? middle : found.values[place]);
  }
  return result;
}

}  // namespace strata
