#include "model/clustering/partial_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "model/clustering/cluster_model.h"

namespace strata {
namespace {

bool IsOf(const ClusterSpace& space, const CentreSet& centres) {
  return centres.size() == 0 || (centres.d() == space.d() && centres.categories() == space.categories.size());
}

bool IsOf(size_t clusters, const ClusterQuality& quality) {
  return quality.count.size() == clusters && quality.squares.size() == clusters &&
         quality.distances.size() == clusters && quality.silhouettes.size() == clusters &&
         quality.farthest.size() == clusters;
}

bool IsOf(const Placement& placement, const ClusterTotals& totals) {
  const size_t k = placement.centres.size();
  const size_t width = placement.space.categories.size();
  if (totals.d != placement.space.d() || totals.count.size() != k || totals.sums.size() != k * totals.d ||
      totals.squares.size() != k || totals.levels.size() != k * width) {
    return false;
  }
  for (size_t i = 0; i < totals.levels.size(); ++i) {
    if (totals.levels[i].size() > placement.space.categories[i % width].words.size()) return false;
  }
  return true;
}

bool IsOf(const TrialsRequest& request, const TrialUnit& unit, const TrialResult& result) {
  const auto k_last = static_cast<size_t>(request.settings.k_last);
  switch (unit.set) {
    case TrialUnit::Set::kComparison:
    case TrialUnit::Set::kReference:
      return result.within.size() == k_last;
    case TrialUnit::Set::kStability:
      return result.columns == 0 ? result.contingency.empty() : result.contingency.size() % result.columns == 0;
    case TrialUnit::Set::kData:
    case TrialUnit::Set::kLast:
      break;
  }
  // The last model may have had more clusters than this one may have.
  const size_t clusters_max = unit.set == TrialUnit::Set::kLast ? request.last.size() : k_last;
  const auto fits = [&request, clusters_max](const TrialOptimum& optimum) {
    return optimum.centres.size() <= clusters_max && optimum.centres.d() == request.sample.d &&
           optimum.centres.categories() == request.sample.categories;
  };
  if (!std::all_of(result.optima.begin(), result.optima.end(), fits)) return false;
  return unit.set == TrialUnit::Set::kLast || result.optima.empty() ||
         IsOf(result.optima.front().centres.size(), result.quality);
}

}  // namespace

absl::Status PartialMismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the clustering does not belong to its round: {}", what));
}

absl::Status CheckDrift(const ClusteringModel& last, const DriftPartial& partial) {
  const size_t d = last.space.d();
  if (partial.beyond.size() != d || partial.bins.size() != d + last.space.categories.size()) {
    return PartialMismatch("another number of features");
  }
  for (size_t f = 0; f < partial.bins.size(); ++f) {
    const size_t bins = f < d ? last.space.numeric[f].bin_cuts.size() + 2 : last.space.categories[f - d].words.size();
    if (partial.bins[f].size() != bins) return PartialMismatch(fmt::format("another number of bins of feature {}", f));
  }
  return absl::OkStatus();
}

absl::Status CheckTrials(const TrialsRequest& request, const TrialsPartial& partial) {
  if (partial.twice) return PartialMismatch("a trial came twice");
  const std::vector<TrialUnit> units = TrialUnits(request.settings);
  for (uint32_t unit = request.first_unit; unit < request.end_unit; ++unit) {
    const bool may_be_absent = units[unit].set == TrialUnit::Set::kLast && request.last.size() == 0;
    if (!may_be_absent && !partial.results.contains(unit)) return PartialMismatch("a trial is missing");
  }
  for (const auto& [unit, result] : partial.results) {
    if (unit < request.first_unit || unit >= request.end_unit) return PartialMismatch("a trial that nobody asked for");
    if (!IsOf(request, units[unit], result)) return PartialMismatch(fmt::format("trial {} is of other sizes", unit));
  }
  return absl::OkStatus();
}

absl::Status CheckCandidates(const ClusterSpace& space, const KeyedSample& candidates) {
  if (candidates.size() > 0 && candidates.width() != space.d() + space.categories.size()) {
    return PartialMismatch("candidates of another width");
  }
  for (size_t row = 0; row < candidates.size(); ++row) {
    const std::span<const int64_t> values = candidates.values(row);
    for (size_t j = 0; j < values.size(); ++j) {
      const bool fits = j < space.d() ? values[j] == static_cast<int32_t>(values[j])
                                      : values[j] >= 0 && values[j] <= std::numeric_limits<uint8_t>::max();
      if (!fits) return PartialMismatch("a candidate that is no point");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckConfirmed(const Placement& placement, size_t last_clusters, const ConfirmPartial& partial) {
  const size_t k = placement.centres.size();
  if (!IsOf(placement.space, placement.centres) || !IsOf(placement, partial.totals) ||
      (partial.weighted.k() > 0 && !IsOf(placement, partial.weighted))) {
    return PartialMismatch("totals of other sizes");
  }
  if (partial.squares.size() != placement.space.d()) return PartialMismatch("another number of features");
  if (partial.net_micros.size() != k) return PartialMismatch("revenue of another number of clusters");
  if (!partial.contingency.empty() && partial.contingency.size() != (last_clusters + 1) * (k + 1)) {
    return PartialMismatch("moves between another number of clusters");
  }
  return absl::OkStatus();
}

absl::Status CheckQuality(size_t clusters, const ClusterQuality& quality) {
  return IsOf(clusters, quality) ? absl::OkStatus() : PartialMismatch("another number of clusters");
}

}  // namespace strata
