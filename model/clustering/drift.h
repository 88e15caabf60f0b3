// How far tonight's base is from the one that a model was fitted on: the population stability index of every feature,
// over bins that were frozen with the model, and the mean squared distance to the last centres. Counts are integers and
// merge exactly; the index is computed once, from their sums. Pure; thread-safe.
//
//   PSI = sum over bins of (p - r) ln(p / r), r and p the shares then and now; a count of 0 counts as one half.
//
// Without any drift PSI is near (1/n + 1/m) chi^2(bins - 1) for samples of n and m (Yurdakul, Naranjo 2020, J. Risk
// Model Validation 14(4)), so a feature is flagged only above the 99 % quantile of that: no fixed threshold suits both
// a thousand and ten million customers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"

namespace strata {

class RawValues;         // model/clustering/feature_values.h
struct ClusteringModel;  // model/clustering/cluster_model.h
struct ClusterSpace;     // model/clustering/feature_space.h

// --- Frozen bins ----------------------------------------------------------------------------------------------------

// Customers by bin, one vector a feature. Numeric ones by NumericFeature::BinOf, with those without a value behind the
// last bin; then categories by word.
std::vector<std::vector<int64_t>> CountBins(const ClusterSpace& space, const RawValues& values);
// Of the customers that the space was fitted on.
std::vector<std::vector<int64_t>> FrozenBins(const ClusterSpace& space);

// --- The index ------------------------------------------------------------------------------------------------------

// Preconditions: of equal length, no count negative. Bins that are empty both times say nothing and are left out; 0
// when one side has nobody.
double PopulationStability(std::span<const int64_t> then, std::span<const int64_t> now);
// What the index of two samples of one base stays below in 99 of 100 cases. 0 with less than two bins in use.
double NullStability99(std::span<const int64_t> then, std::span<const int64_t> now);

struct FeatureDrift {
  std::string feature;
  double psi = 0, null_99 = 0;
  bool flagged = false;                      // psi > null_99
  double missing_then = 0, missing_now = 0;  // shares of the customers
  double beyond_grid = 0;                    // share of customers who count as at the end of the grid
  bool operator==(const FeatureDrift&) const = default;
};

// --- A night --------------------------------------------------------------------------------------------------------

struct DriftPartial {
  int64_t customers = 0;                   // in the base of the clustering
  int64_t assigned = 0;                    // of these, not set aside as outliers
  Int128 weight = 0;                       // of the assigned ones; without weights their number
  Int128 squared_distance = 0;             // weighted, to the nearest of the last centres; grid units squared
  std::vector<std::vector<int64_t>> bins;  // as CountBins
  std::vector<int64_t> beyond;             // by numeric feature
  std::string error;                       // what a shard could not do, the least of all by bytes; empty: nothing

  void Merge(const DriftPartial& other);
  void Encode(ByteWriter* writer) const;
  static DriftPartial Decode(ByteReader* reader);
  bool operator==(const DriftPartial&) const = default;
};

// Precondition: last.k > 0.
DriftPartial CountDrift(const ClusteringModel& last, const ShardFeatures& shard, const Kernels& kernels);

// Numeric features, then categories, in the order of the model's space.
std::vector<FeatureDrift> DriftOf(const ClusteringModel& last, const DriftPartial& tonight);

// Mean squared distance to the last centres, tonight's over that of the fit; 1 where nothing was or is to be measured.
double InertiaRatio(const ClusteringModel& last, const DriftPartial& tonight);

}  // namespace strata
