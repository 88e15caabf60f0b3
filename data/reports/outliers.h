// Outliers of a column of whole numbers (amounts in micros, counts, days) in one pass, by sums alone: Tukey's far
// fences on a logarithmic scale of sixteenths of an octave. Plain values, not thread-safe.
//
// The bin of a value v other than 0 is sign(v) (1 + 16 floor(log2 |v|) + the four bits after the leading one of |v|): a
// step of 3 to 6 %. With Q1 and Q3 the bins of the values of rank ceil(n / 4) and ceil(3 n / 4), a value is an outlier
// where its bin is below Q1 - 3 (Q3 - Q1) or above Q3 + 3 (Q3 - Q1). Zeros take no part: a column that is mostly 0 has
// no spread to judge the others by. Source of the fences: Tukey, Exploratory Data Analysis (1977), chapter 2.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace strata {

inline constexpr int kOutlierBins = 1 + 16 * 62 + 15;  // the greatest bin, that of the greatest 64-bit integer

// -kOutlierBins to kOutlierBins, ascending with the value; 0 for 0. Precondition: the value is not kNoWhole.
int OutlierBin(int64_t value);

// Which values are inside; nullopt: all on that side are.
struct OutlierFences {
  std::optional<int64_t> low;   // the least value that is no outlier
  std::optional<int64_t> high;  // the greatest
  int64_t outliers = 0;         // values outside
  bool operator==(const OutlierFences&) const = default;
};

// How many values are in each bin. Keeps the laws of a partial (model/fitter.h).
class OutlierHistogram {
 public:
  // Precondition: not kNoWhole. Zeros are left out.
  void Add(int64_t value);
  void Merge(const OutlierHistogram& other);
  void Encode(ByteWriter* writer) const;
  static OutlierHistogram Decode(ByteReader* reader);

  int64_t count() const { return count_; }  // values other than 0
  // Nothing outside where there are no values.
  OutlierFences Fences() const;

 private:
  int BinOfRank(int64_t rank) const;  // 1 is the least value's

  int64_t count_ = 0;
  std::vector<int64_t> counts_;  // by bin + kOutlierBins; empty as long as there are none
};

}  // namespace strata
