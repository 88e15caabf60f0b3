// The space that customers are clustered in: per feature a fitted transform and a scale from raw values to integers of
// one grid, per category its words. The one path from raw to grid values, used by the fit and by every prediction, so
// labels agree. It is part of the model. Plain values and pure functions; thread-safe.
//
// A numeric feature, raw value v (units of the column: money in units of the currency, shares from 0 to 1):
//   1. missing (NaN) → missing_value; customers of rule kExclude without a value are in no cluster at all
//   2. winsor: v into [winsor[0], winsor[1]], exact quantiles of the values that are there
//   3. transform, on a 2^-20 grid (Y):
//        none         v / unit
//        log1p        sign(v) log(1 + |v|)
//        yeo_johnson  of v / unit (Yeo, Johnson 2000, Biometrika 87, 954-959):
//                       v >= 0: ((v + 1)^lambda - 1) / lambda, log(1 + v) for lambda 0
//                       v <  0: -((1 - v)^(2 - lambda) - 1) / (2 - lambda), -log(1 - v) for lambda 2
//      lambda maximises the normal likelihood of a keyed sample; unit is the power of two next below the median of |v|
//      over values other than 0, so that lambda does not depend on a currency; for yeo_johnson of values that are all
//      above 0 that below the least one, at least 2^-8 of the median's; 1 for log1p
//   4. scale: z = weight (y - mean) / deviation. standard: mean and standard deviation over all clustered customers;
//      robust: the median's y and (75 % - 25 %) / 1.349, or the standard deviation where these are equal; minmax: the
//      middle and the range; none: the mean, and 1 (1 / unit without a transform: z is in units of v)
//   5. grid: z 2^grid_bits, rounded half to even, one grid_bits for all features: the most of 12..4 with which no value
//      of the fit is beyond kGridEnd. Later values beyond it count as the end, and are counted.
// A constant feature contributes 0 to every customer.
//
// A category has at most kMaxLevels words, ascending by bytes: those that most customers have (ties to the first),
// kOtherWord for all others, known or not yet, and kNoWord for customers without one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clustering_rules.h"
#include "model/kernels/kernels.h"

namespace strata {

inline constexpr int64_t kGridEnd = int64_t{1} << 22;  // a float32 holds every coordinate, and twice it, exactly
inline constexpr int kGridBitsMax = 12;                // 1/4096 of a deviation: finer than any cluster boundary means
inline constexpr int kGridBitsMin = 4;
inline constexpr double kRawMax = 0x1p62;  // greater magnitudes are an error: nothing that is measured has them
inline constexpr std::string_view kOtherWord = "(other)";
inline constexpr std::string_view kNoWord = "(none)";

struct NumericFeature {
  std::string name;
  std::string column;
  Transform transform = Transform::kNone;  // kNone, kLog1p or kYeoJohnson
  Scale scale = Scale::kStandard;
  MissingRule missing = MissingRule::kMedian;
  double weight = 1;
  std::optional<std::array<int64_t, 2>> winsor_shares;  // as the job says, millionths
  std::optional<std::array<double, 2>> winsor;          // raw values
  double lambda = 1;
  double unit = 1;
  double missing_value = 0;  // raw
  double mean = 0;           // of y
  double deviation = 1;      // > 0
  bool constant = false;
  int64_t present = 0;  // customers of the fit with a value
  int64_t absent = 0;   // and without, excluded ones too

  // Frozen bins of raw values, to measure drift against: the distinct deciles c, so that a value belongs to the first
  // bin with v <= c, or to the one behind them. Counts of bin_cuts.size() + 1 bins at the fit; missing: `absent`.
  std::vector<double> bin_cuts;
  std::vector<int64_t> bin_counts;

  // The bin of a raw value. Precondition: no NaN.
  size_t BinOf(double raw) const;

  void Encode(ByteWriter* writer) const;
  static NumericFeature Decode(ByteReader* reader);
  bool operator==(const NumericFeature&) const = default;
};

struct CategoryFeature {
  std::string name;
  std::string column;
  std::vector<std::string> words;  // ascending by bytes, kOtherWord and kNoWord among them
  std::vector<int64_t> counts;     // customers of the fit by word

  // The place in `words` of a word, of kOtherWord where it is not there.
  uint8_t CodeOf(std::string_view word) const;

  void Encode(ByteWriter* writer) const;
  static CategoryFeature Decode(ByteReader* reader);
  bool operator==(const CategoryFeature&) const = default;
};

// A customer's weight is min(2^16, round(v 2^8 / weight_unit)) of the raw value v in weight_column, weight_unit the
// mean of the values above 0; 0 where v is missing or not above 0: such a customer is in no sum, and in a cluster
// still.
inline constexpr int kWeightBits = 8;
inline constexpr int32_t kMaxCustomerWeight = 1 << 16;

struct ClusterSpace {
  int grid_bits = kGridBitsMax;
  std::vector<NumericFeature> numeric;
  std::vector<CategoryFeature> categories;
  std::string weight_column;  // empty: customers count alike
  double weight_unit = 1;

  size_t d() const { return numeric.size(); }
  // Sums of weighted squared distances are in units of 2^-inertia_bits: twice the grid's, and those of weights.
  int inertia_bits() const { return 2 * grid_bits + (weight_column.empty() ? 0 : kWeightBits); }
  // Of a raw value; NaN: missing.
  int32_t WeightOf(double raw) const;

  void Encode(ByteWriter* writer) const;
  static ClusterSpace Decode(ByteReader* reader);
  uint64_t Checksum() const;  // of the encoding
  bool operator==(const ClusterSpace&) const = default;
};

// Steps 1 to 3: whole numbers of 2^-20 that may be beyond 2^53 where a later night has values far beyond those of the
// fit. `y` is as long as `raw`.
void TransformOnGrid(const NumericFeature& feature, std::span<const double> raw, const Kernels& kernels,
                     std::span<double> y);

// All steps. `grid` is as long as `raw`; `beyond` is raised by the number of values beyond kGridEnd.
void ScaleOnGrid(const NumericFeature& feature, int grid_bits, std::span<const double> raw, const Kernels& kernels,
                 std::span<int32_t> grid, int64_t* beyond);

// The raw value of a grid value, for names, reports and centres that go into another space; not rounded to what values
// there are. A constant feature's is its one value.
double Unscale(const NumericFeature& feature, int grid_bits, double grid);

}  // namespace strata
