#include "model/clustering/drift.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <numeric>

#include "model/clustering/cluster_model.h"
#include "model/clustering/feature_space.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

constexpr double kNullQuantile = 0.99;
constexpr double kEmptyBin = 0.5;  // customers in a bin without any: keeps the logarithm finite

struct BinShares {
  int64_t then = 0, now = 0;  // customers
  size_t in_use = 0;

  BinShares(std::span<const int64_t> of_then, std::span<const int64_t> of_now)
      : then(std::reduce(of_then.begin(), of_then.end(), int64_t{0})),
        now(std::reduce(of_now.begin(), of_now.end(), int64_t{0})) {
    for (size_t bin = 0; bin < of_then.size(); ++bin) in_use += of_then[bin] + of_now[bin] > 0 ? 1 : 0;
  }
  bool is_known() const { return then > 0 && now > 0; }
};

double ShareOf(int64_t count, int64_t all) {
  return (count == 0 ? kEmptyBin : static_cast<double>(count)) / static_cast<double>(all);
}

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<std::vector<int64_t>> FrozenBins(const ClusterSpace& space) {
  std::vector<std::vector<int64_t>> bins;
  for (const NumericFeature& feature : space.numeric) {
    bins.push_back(feature.bin_counts);
    bins.back().push_back(feature.absent);
  }
  for (const CategoryFeature& category : space.categories) bins.push_back(category.counts);
  return bins;
}

double PopulationStability(std::span<const int64_t> then, std::span<const int64_t> now) {
  const BinShares shares(then, now);
  if (!shares.is_known()) return 0;
  double index = 0;
  for (size_t bin = 0; bin < then.size(); ++bin) {
    if (then[bin] + now[bin] == 0) continue;
    const double p = ShareOf(now[bin], shares.now), r = ShareOf(then[bin], shares.then);
    index += (p - r) * std::log(p / r);
  }
  return index;
}

double NullStability99(std::span<const int64_t> then, std::span<const int64_t> now) {
  const BinShares shares(then, now);
  if (!shares.is_known() || shares.in_use < 2) return 0;
  const boost::math::chi_squared chi_squared(static_cast<double>(shares.in_use - 1));
  return (1 / static_cast<double>(shares.then) + 1 / static_cast<double>(shares.now)) *
         boost::math::quantile(chi_squared, kNullQuantile);
}

void DriftPartial::Merge(const DriftPartial& other) {
  customers += other.customers;
  assigned += other.assigned;
  weight += other.weight;
  squared_distance += other.squared_distance;
  if (bins.size() < other.bins.size()) bins.resize(other.bins.size());
  for (size_t feature = 0; feature < other.bins.size(); ++feature) {
    std::vector<int64_t>& mine = bins[feature];
    if (mine.size() < other.bins[feature].size()) mine.resize(other.bins[feature].size(), 0);
    for (size_t bin = 0; bin < other.bins[feature].size(); ++bin) mine[bin] += other.bins[feature][bin];
  }
  if (beyond.size() < other.beyond.size()) beyond.resize(other.beyond.size(), 0);
  for (size_t feature = 0; feature < other.beyond.size(); ++feature) beyond[feature] += other.beyond[feature];
  MergeShardError(&error, other.error);
}

void DriftPartial::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->I64(assigned);
  writer->I128(weight);
  writer->I128(squared_distance);
  writer->U32(static_cast<uint32_t>(bins.size()));
  for (const std::vector<int64_t>& counts : bins) writer->Array(counts);
  writer->Array(beyond);
  writer->Text(error);
}

DriftPartial DriftPartial::Decode(ByteReader* reader) {
  DriftPartial partial;
  partial.customers = reader->I64();
  partial.assigned = reader->I64();
  partial.weight = reader->I128();
  partial.squared_distance = reader->I128();
  const uint32_t features = reader->U32();
  for (uint32_t i = 0; i < features && reader->ok(); ++i) partial.bins.push_back(reader->Array<int64_t>());
  partial.beyond = reader->Array<int64_t>();
  partial.error = std::string(reader->Text());
  return partial;
}

std::vector<FeatureDrift> DriftOf(const ClusteringModel& last, const DriftPartial& tonight) {
  const std::vector<std::vector<int64_t>> frozen = FrozenBins(last.space);
  std::vector<FeatureDrift> drift;
  for (size_t feature = 0; feature < frozen.size() && feature < tonight.bins.size(); ++feature) {
    const std::vector<int64_t>&then = frozen[feature], &now = tonight.bins[feature];
    FeatureDrift& line = drift.emplace_back();
    line.psi = PopulationStability(then, now);
    line.null_99 = NullStability99(then, now);
    line.flagged = line.psi > line.null_99;
    const bool is_numeric = feature < last.space.numeric.size();
    if (!is_numeric) {
      line.feature = last.space.categories[feature - last.space.numeric.size()].name;
      continue;
    }
    line.feature = last.space.numeric[feature].name;
    line.missing_then = Share(then.back(), std::reduce(then.begin(), then.end(), int64_t{0}));
    line.missing_now = Share(now.back(), std::reduce(now.begin(), now.end(), int64_t{0}));
    line.beyond_grid = Share(tonight.beyond[feature], tonight.customers);
  }
  return drift;
}

double InertiaRatio(const ClusteringModel& last, const DriftPartial& tonight) {
  if (tonight.weight == 0 || last.fitted_mean_square <= 0) return 1;
  const double mean = ToDouble(tonight.squared_distance) / ToDouble(tonight.weight);
  return std::ldexp(mean, -2 * last.space.grid_bits) / last.fitted_mean_square;
}

}  // namespace strata
