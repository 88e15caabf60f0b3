#include "model/clustering/fit_stages.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "model/clustering/cluster_model.h"
#include "model/clustering/feature_values.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

// The customers of a shard in a space: those of its cache, which is filled, or made for the moment.
class ShardPoints {
 public:
  static absl::StatusOr<ShardPoints> Of(const ClusterSpace& space, const ShardFeatures& shard, const Kernels& kernels) {
    ShardPoints points;
    FitCache* const cache = shard.cache;
    const uint64_t checksum = cache == nullptr ? 0 : space.Checksum();
    if (cache != nullptr && cache->points.has_value() && cache->space == checksum) {
      points.of_ = &*cache->points;
      return points;
    }
    STRATA_ASSIGN_OR_RETURN(const RawValues raw, RawValues::Of(space, shard));
    PointBlocks made = PointBlocks::Of(space, raw, shard.today.hash, kernels);
    if (cache == nullptr) {
      points.made_ = std::make_unique<PointBlocks>(std::move(made));
      points.of_ = points.made_.get();
      return points;
    }
    cache->runs.clear();
    cache->space = checksum;
    cache->points.emplace(std::move(made));
    points.of_ = &*cache->points;
    return points;
  }
  const PointBlocks& operator*() const { return *of_; }
  const PointBlocks* operator->() const { return of_; }

 private:
  std::unique_ptr<PointBlocks> made_;
  const PointBlocks* of_ = nullptr;
};

// kNoSlot: beyond the threshold.
struct Places {
  std::vector<uint8_t> labels;
  std::vector<int64_t> distances;
};

Places PlacesOf(const Placement& placement, const PointBlocks& points, const Kernels& kernels) {
  Places places;
  places.labels = LabelsOf(points, placement.centres, kernels);
  places.distances = DistancesOf(points, placement.centres, places.labels, kernels);
  if (!placement.threshold.has_value()) return places;
  for (size_t i = 0; i < points.size(); ++i) {
    if (TrimThreshold{places.distances[i], points.hash(i)} > *placement.threshold) places.labels[i] = kNoSlot;
  }
  return places;
}

void CountMoves(const ConfirmRequest& request, const ShardFeatures& shard, const PointBlocks& points,
                const Places& places, ConfirmPartial* partial) {
  if (request.last_ids.empty() || shard.followed_cluster.empty()) return;
  const size_t columns = request.placement.centres.size() + 1;
  partial->contingency.assign((request.last_ids.size() + 1) * columns, 0);
  for (size_t i = 0; i < points.size(); ++i) {
    const int16_t id = shard.followed_cluster[points.row(i)];
    if (id < 0) continue;  // was not there
    const auto found = std::find(request.last_ids.begin(), request.last_ids.end(), id);
    const size_t row = found == request.last_ids.end() ? 0 : static_cast<size_t>(found - request.last_ids.begin()) + 1;
    const size_t column = places.labels[i] == kNoSlot ? 0 : size_t{places.labels[i]} + 1;
    ++partial->contingency[row * columns + column];
  }
}

}  // namespace

DriftPartial CountDriftFrom(const Placement& last, const ShardFeatures& shard, const Kernels& kernels) {
  ClusteringModel model;
  model.k = static_cast<int>(last.centres.size());
  model.space = last.space;
  model.gamma = last.centres.gamma();
  model.threshold = last.threshold;
  for (const Centre& centre : last.centres.centres()) model.clusters.emplace_back().centre = centre;
  return CountDrift(model, shard, kernels);
}

SeedingPartial CountSeeding(const SeedingRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  SeedingPartial partial;
  const absl::StatusOr<ShardPoints> points = ShardPoints::Of(request.space, shard, kernels);
  if (!points.ok()) {
    partial.error = ShardErrorOf(points.status());
  } else if (request.oversample.has_value()) {
    partial.candidates = Oversample(**points, *request.oversample, kernels);
  } else {
    partial.weights = CandidateWeights(**points, request.candidates, request.gamma, kernels);
  }
  return partial;
}

LloydPartial CountLloyd(const LloydRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  LloydPartial partial;
  const absl::StatusOr<ShardPoints> points = ShardPoints::Of(request.space, shard, kernels);
  if (!points.ok()) {
    partial.error = ShardErrorOf(points.status());
    return partial;
  }
  if (shard.cache != nullptr) {  // what has ended needs no labels any more
    std::erase_if(shard.cache->runs, [&](const auto& run) { return !request.runs.contains(run.first); });
  }
  std::vector<EvaluationRequest> requests;
  std::vector<RunCache*> caches;
  for (const auto& [number, run] : request.runs) {
    requests.push_back(run);
    if (shard.cache != nullptr) caches.push_back(&shard.cache->runs[number]);
  }
  std::vector<Evaluation> evaluations = EvaluateAll(**points, requests, kernels, caches);
  auto evaluation = evaluations.begin();
  for (const auto& [number, run] : request.runs) partial.runs[number] = std::move(*evaluation++);
  return partial;
}

ConfirmPartial CountConfirm(const ConfirmRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  ConfirmPartial partial;
  const absl::StatusOr<ShardPoints> made = ShardPoints::Of(request.placement.space, shard, kernels);
  if (!made.ok()) {
    partial.error = ShardErrorOf(made.status());
    return partial;
  }
  const PointBlocks& points = **made;
  const size_t k = request.placement.centres.size();
  const Places places = PlacesOf(request.placement, points, kernels);
  partial.customers = static_cast<int64_t>(points.size());
  partial.totals = ClusterTotals(points, places.labels, k);
  if (points.weighted()) partial.weighted = ClusterTotals(points, places.labels, k, ClusterTotals::Count::kWeights);
  partial.squares.assign(points.d(), 0);
  partial.net_micros.assign(k, 0);
  for (size_t i = 0; i < points.size(); ++i) {
    if (places.labels[i] == kNoSlot) continue;
    const Int128 weight = points.weight(i);
    partial.within += weight * places.distances[i];
    for (size_t j = 0; j < points.d(); ++j) {
      const int64_t q = points.coordinate(i, j);
      partial.squares[j] += weight * (q * q);
    }
    partial.net_micros[places.labels[i]] += shard.today.net_micros[points.row(i)];
  }
  CountMoves(request, shard, points, places, &partial);
  return partial;
}

QualityPartial CountQuality(const QualityRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  QualityPartial partial;
  const absl::StatusOr<ShardPoints> points = ShardPoints::Of(request.placement.space, shard, kernels);
  if (!points.ok()) {
    partial.error = ShardErrorOf(points.status());
    return partial;
  }
  const Places places = PlacesOf(request.placement, **points, kernels);
  partial.quality = MeasureQuality(**points, request.placement.centres, places.labels, request.totals, kernels);
  return partial;
}

}  // namespace strata
