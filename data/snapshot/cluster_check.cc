#include "data/snapshot/cluster_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace strata {
namespace {

absl::Status Corrupt(const std::string& place, const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", place, what));
}

absl::Status CheckCount(const std::string& place, const char* what, size_t found, size_t expected) {
  if (found == expected) return absl::OkStatus();
  return Corrupt(place, fmt::format("{} of {}, allowed are {}", what, found, expected));
}

absl::Status CheckFinite(const std::string& place, const char* name, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return Corrupt(place, fmt::format("{} is {}, allowed are finite numbers", name, value));
}

template <class T>
absl::Status CheckRange(const std::string& place, const char* name, T value, T low, T high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return Corrupt(place, fmt::format("{} is {}, allowed are {} to {}", name, value, low, high));
}

absl::Status CheckFeature(const NumericFeature& feature, const std::string& place) {
  for (const auto& [name, value] :
       {std::pair("mean", feature.mean), std::pair("deviation", feature.deviation), std::pair("weight", feature.weight),
        std::pair("lambda", feature.lambda), std::pair("unit", feature.unit),
        std::pair("missing_value", feature.missing_value)}) {
    STRATA_RETURN_IF_ERROR(CheckFinite(place, name, value));
  }
  for (const auto& [name, value] : {std::pair("deviation", feature.deviation), std::pair("unit", feature.unit)}) {
    if (value <= 0) return Corrupt(place, fmt::format("{} is {}, allowed is above 0", name, value));
  }
  if (feature.transform == Transform::kDefault || feature.transform == Transform::kCategory) {
    return Corrupt(place, fmt::format("transform is {}, which no number has", Name(feature.transform)));
  }
  if (feature.winsor.has_value()) {
    for (const double end : *feature.winsor) STRATA_RETURN_IF_ERROR(CheckFinite(place, "winsor", end));
    if ((*feature.winsor)[0] > (*feature.winsor)[1]) return Corrupt(place, "winsor falls");
  }
  for (size_t i = 0; i < feature.bin_cuts.size(); ++i) {
    STRATA_RETURN_IF_ERROR(CheckFinite(place, "bin_cuts", feature.bin_cuts[i]));
    if (i > 0 && feature.bin_cuts[i] <= feature.bin_cuts[i - 1]) return Corrupt(place, "bin_cuts do not rise");
  }
  // Nothing is known of a feature without bins.
  if (feature.bin_cuts.empty() && feature.bin_counts.empty()) return absl::OkStatus();
  return CheckCount(place, "bin_counts", feature.bin_counts.size(), feature.bin_cuts.size() + 1);
}

absl::Status CheckCategory(const CategoryFeature& category, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckRange(place, "number of words", category.words.size(), size_t{1}, kMaxLevels));
  if (std::adjacent_find(category.words.begin(), category.words.end(), std::greater_equal<>()) !=
      category.words.end()) {
    return Corrupt(place, "words do not rise");
  }
  for (const std::string_view word : {kOtherWord, kNoWord}) {
    if (!std::binary_search(category.words.begin(), category.words.end(), word)) {
      return Corrupt(place, fmt::format("words lack {}", word));
    }
  }
  return CheckCount(place, "counts", category.counts.size(), category.words.size());
}

absl::Status CheckSpace(const ClusterSpace& space, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckRange(place, "grid_bits", space.grid_bits, kGridBitsMin, kGridBitsMax));
  STRATA_RETURN_IF_ERROR(CheckRange(place, "number of features", space.numeric.size(), size_t{0}, kMaxClusterFeatures));
  STRATA_RETURN_IF_ERROR(
      CheckRange(place, "number of categories", space.categories.size(), size_t{0}, kMaxClusterCategories));
  if (!(space.weight_unit > 0 && std::isfinite(space.weight_unit))) {
    return Corrupt(place, fmt::format("weight_unit is {}, allowed is above 0", space.weight_unit));
  }
  for (size_t i = 0; i < space.numeric.size(); ++i) {
    STRATA_RETURN_IF_ERROR(CheckFeature(space.numeric[i], fmt::format("{}.features[{}]", place, i)));
  }
  for (size_t i = 0; i < space.categories.size(); ++i) {
    STRATA_RETURN_IF_ERROR(CheckCategory(space.categories[i], fmt::format("{}.categories[{}]", place, i)));
  }
  return absl::OkStatus();
}

absl::Status CheckCentre(const Centre& centre, const ClusterSpace& space, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckCount(place, "centre.q", centre.q.size(), space.d()));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "centre.modes", centre.modes.size(), space.categories.size()));
  for (const int32_t q : centre.q) {
    STRATA_RETURN_IF_ERROR(CheckRange(place, "centre.q", int64_t{q}, -kGridEnd, kGridEnd));
  }
  for (size_t f = 0; f < centre.modes.size(); ++f) {
    const size_t words = space.categories[f].words.size();
    STRATA_RETURN_IF_ERROR(CheckRange(place, "centre.modes", size_t{centre.modes[f]}, size_t{0}, words - 1));
  }
  return absl::OkStatus();
}

absl::Status CheckLevels(const std::vector<std::vector<int64_t>>& levels, const char* name, const ClusterSpace& space,
                         const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckCount(place, name, levels.size(), space.categories.size()));
  for (size_t f = 0; f < levels.size(); ++f) {
    STRATA_RETURN_IF_ERROR(CheckCount(place, name, levels[f].size(), space.categories[f].words.size()));
    for (const int64_t customers : levels[f]) {
      if (customers < 0) return Corrupt(place, fmt::format("{} has {}, allowed is 0 or more", name, customers));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCluster(const FittedCluster& cluster, const ClusteringModel& model, const std::string& place) {
  const ClusterSpace& space = model.space;
  STRATA_RETURN_IF_ERROR(CheckRange(place, "size", cluster.size, int64_t{0}, model.customers));
  STRATA_RETURN_IF_ERROR(CheckCentre(cluster.centre, space, place));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "sums", cluster.sums.size(), space.d()));
  STRATA_RETURN_IF_ERROR(CheckLevels(cluster.customers_by_level, "customers_by_level", space, place));
  STRATA_RETURN_IF_ERROR(CheckLevels(cluster.levels, "levels", space, place));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "effects", cluster.effects.size(), space.d() + space.categories.size()));
  for (const double effect : cluster.effects) STRATA_RETURN_IF_ERROR(CheckFinite(place, "effects", effect));
  return absl::OkStatus();
}

absl::Status CheckMatching(const Matching& matching, size_t clusters, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckCount(place, "id", matching.id.size(), clusters));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "overlap", matching.overlap.size(), clusters));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "shift", matching.shift.size(), clusters));
  return CheckFinite(place, "adjusted_rand", matching.adjusted_rand);
}

absl::Status CheckClusters(const ClusteringModel& model, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckRange(place, "k", model.k, 0, static_cast<int>(kMaxSlots)));
  STRATA_RETURN_IF_ERROR(CheckCount(place, "clusters", model.clusters.size(), static_cast<size_t>(model.k)));
  int64_t in_clusters = model.outliers;
  for (size_t i = 0; i < model.clusters.size(); ++i) {
    const FittedCluster& cluster = model.clusters[i];
    const std::string at = fmt::format("{}: clusters[{}]", place, i);
    const int least = i == 0 ? 1 : model.clusters[i - 1].id + 1;
    STRATA_RETURN_IF_ERROR(CheckRange(at, "id", cluster.id, least, model.last_id));
    STRATA_RETURN_IF_ERROR(CheckCluster(cluster, model, at));
    in_clusters += cluster.size;
  }
  if (model.k == 0 || in_clusters == model.customers) return absl::OkStatus();
  return Corrupt(place,
                 fmt::format("clusters and outliers have {} customers, allowed are {}", in_clusters, model.customers));
}

}  // namespace

absl::Status CheckClustering(const ClusteringModel& model, const std::string& place) {
  STRATA_RETURN_IF_ERROR(CheckSpace(model.space, place + ": space"));
  STRATA_RETURN_IF_ERROR(
      CheckRange(place, "outliers", model.outliers, int64_t{0}, std::max<int64_t>(model.customers, 0)));
  STRATA_RETURN_IF_ERROR(CheckRange(place, "trim", model.trim, int64_t{0}, int64_t{1'000'000}));
  STRATA_RETURN_IF_ERROR(CheckClusters(model, place));
  if (model.gamma < 0) return Corrupt(place, fmt::format("gamma is {}, allowed is 0 or more", model.gamma));
  for (const auto& [name, value] :
       {std::pair("fitted_mean_square", model.fitted_mean_square), std::pair("inertia", model.inertia),
        std::pair("silhouette", model.silhouette), std::pair("inertia_ratio", model.inertia_ratio)}) {
    STRATA_RETURN_IF_ERROR(CheckFinite(place, name, value));
  }
  for (size_t i = 1; i < model.trials.rows.size(); ++i) {
    if (model.trials.rows[i].k <= model.trials.rows[i - 1].k) return Corrupt(place, "trials: k does not rise");
  }
  if (!model.matching.has_value()) return absl::OkStatus();
  return CheckMatching(*model.matching, model.clusters.size(), place + ": matching");
}

}  // namespace strata
