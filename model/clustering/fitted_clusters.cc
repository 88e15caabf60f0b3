#include "model/clustering/fitted_clusters.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/fixed_point.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/matching.h"
#include "model/clustering/names.h"
#include "model/clustering/refit.h"

namespace strata {
namespace {

// Largest first; of equal ones the lower centre.
std::vector<size_t> SlotsBySize(const ConfirmPartial& confirmed) {
  std::vector<size_t> slots(confirmed.totals.k());
  std::iota(slots.begin(), slots.end(), size_t{0});
  std::stable_sort(slots.begin(), slots.end(),
                   [&confirmed](size_t a, size_t b) { return confirmed.totals.count[a] > confirmed.totals.count[b]; });
  return slots;
}

double MeanSquare(const ConfirmPartial& confirmed) {
  const int64_t weight = confirmed.by_weight().customers();
  return weight > 0 ? ToDouble(confirmed.within) / static_cast<double>(weight) : 0;
}

MatchInput MatchInputOf(const Placement& placement, const ConfirmPartial& confirmed, const ClusteringModel& last,
                        const std::vector<size_t>& slots) {
  MatchInput input;
  input.last_id = last.last_id;
  input.clusters = slots.size();
  input.grid_bits = placement.space.grid_bits;
  const std::vector<Centre> centres = CentresInSpace(last, placement.space);
  for (size_t i = 0; i < last.clusters.size(); ++i) {
    input.last_ids.push_back(last.clusters[i].id);
    std::vector<int64_t>& distances = input.squared_distance.emplace_back();
    for (const size_t slot : slots) {
      distances.push_back(SquaredDistance(centres[i], placement.centres[slot], placement.centres.gamma()));
    }
  }
  const double last_mean_square = std::ldexp(last.fitted_mean_square, 2 * placement.space.grid_bits);
  input.near_square = static_cast<int64_t>(std::max(MeanSquare(confirmed), last_mean_square));
  if (confirmed.contingency.empty()) return input;
  const size_t columns = slots.size() + 1;
  for (size_t row = 0; row <= last.clusters.size(); ++row) {
    input.contingency.push_back(confirmed.contingency[row * columns]);
    for (const size_t slot : slots) input.contingency.push_back(confirmed.contingency[row * columns + slot + 1]);
  }
  return input;
}

// Of a model that is kept: by place in `slots`, the place of the last one's cluster with this centre.
std::vector<size_t> PlacesIn(const ClusteringModel& last, const Placement& placement,
                             const std::vector<size_t>& slots) {
  std::vector<size_t> places;
  for (const size_t slot : slots) {
    const auto same = std::find_if(last.clusters.begin(), last.clusters.end(), [&](const FittedCluster& cluster) {
      return cluster.centre == placement.centres[slot];
    });
    places.push_back(static_cast<size_t>(same - last.clusters.begin()));
  }
  return places;
}

// Ids by place in `slots`.
std::vector<int> IdsOf(const Placement& placement, const ConfirmPartial& confirmed, const ClusteringModel* last,
                       const std::vector<size_t>& slots, ClusteringModel* model) {
  std::vector<int> ids(slots.size());
  model->matching.reset();
  if (last == nullptr) {
    std::iota(ids.begin(), ids.end(), model->last_id + 1);
    model->last_id += static_cast<int>(slots.size());
    return ids;
  }
  MatchInput input = MatchInputOf(placement, confirmed, *last, slots);
  if (!model->refit.refit) input.kept = PlacesIn(*last, placement, slots);
  Matching matching = MatchClusters(input);
  ids = matching.id;
  model->last_id = matching.last_id;
  model->matching = std::move(matching);
  return ids;
}

// What sets a cluster apart, by weight.
std::vector<double> EffectsOf(const ConfirmPartial& confirmed, size_t slot, const Centre& centre) {
  const ClusterTotals& totals = confirmed.by_weight();
  const auto all = static_cast<double>(totals.customers());
  const auto own = static_cast<double>(totals.count[slot]);
  std::vector<double> effects;
  for (size_t j = 0; j < totals.d; ++j) {
    Int128 sum = 0;
    for (size_t c = 0; c < totals.k(); ++c) sum += totals.sums[c * totals.d + j];
    const double mean = ToDouble(sum) / all;
    const double variance = ToDouble(confirmed.squares[j]) / all - mean * mean;
    const bool varies = own > 0 && variance > 0;
    effects.push_back(varies ? (ToDouble(totals.sums[slot * totals.d + j]) / own - mean) / std::sqrt(variance) : 0);
  }
  for (size_t f = 0; f < totals.categories(); ++f) {
    const uint8_t mode = centre.modes[f];
    int64_t with_mode = 0;
    for (size_t c = 0; c < totals.k(); ++c) with_mode += totals.levels[c * totals.categories() + f][mode];
    const auto own_with_mode = static_cast<double>(totals.levels[slot * totals.categories() + f][mode]);
    effects.push_back(own > 0 ? own_with_mode / own - static_cast<double>(with_mode) / all : 0);
  }
  return effects;
}

FittedCluster ClusterOf(const ConfirmPartial& confirmed, size_t slot, const Centre& centre) {
  FittedCluster cluster;
  const ClusterTotals& totals = confirmed.totals;
  cluster.size = totals.count[slot];
  cluster.centre = centre;
  for (size_t j = 0; j < totals.d; ++j) cluster.sums.push_back(totals.sums[slot * totals.d + j]);
  cluster.squares = totals.squares[slot];
  for (size_t f = 0; f < totals.categories(); ++f) {
    cluster.customers_by_level.push_back(totals.levels[slot * totals.categories() + f]);
    cluster.levels.push_back(confirmed.by_weight().levels[slot * totals.categories() + f]);
  }
  cluster.effects = EffectsOf(confirmed, slot, centre);
  cluster.net_micros = confirmed.net_micros[slot];
  return cluster;
}

}  // namespace

Placement PlacementOf(const ClusteringModel& model) {
  std::vector<Centre> centres;
  for (const FittedCluster& cluster : model.clusters) centres.push_back(cluster.centre);
  return {.space = model.space,
          .centres = CentreSet(std::move(centres), model.gamma).Sorted(),
          .threshold = model.threshold};
}

std::vector<uint8_t> WithinThreshold(const GridSample& sample, const CentreSet& centres, const TrimThreshold& threshold,
                                     const Kernels& kernels) {
  const PointBlocks points =
      PointBlocks::OfGrid(sample.d, sample.categories, sample.q, sample.codes, sample.hash, sample.weights);
  const std::vector<uint8_t> labels = LabelsOf(points, centres, kernels);
  const std::vector<int64_t> distances = DistancesOf(points, centres, labels, kernels);
  std::vector<uint8_t> within;
  for (size_t i = 0; i < points.size(); ++i) {
    within.push_back(TrimThreshold{distances[i], points.hash(i)} > threshold ? 0 : 1);
  }
  return within;
}

void TakeConfirmed(const Placement& placement, const ConfirmPartial& confirmed, const ClusteringModel* last,
                   ClusteringModel* model) {
  const std::vector<size_t> slots = SlotsBySize(confirmed);
  const std::vector<int> ids = IdsOf(placement, confirmed, last, slots, model);
  model->k = static_cast<int>(slots.size());
  model->gamma = placement.centres.gamma();
  model->threshold = placement.threshold;
  model->customers = confirmed.customers;
  model->outliers = confirmed.customers - confirmed.totals.customers();
  model->within = confirmed.within;
  model->inertia = FromGrid(confirmed.within, placement.space.inertia_bits());
  if (model->refit.refit) model->fitted_mean_square = std::ldexp(MeanSquare(confirmed), -2 * placement.space.grid_bits);
  model->clusters.clear();
  for (size_t i = 0; i < slots.size(); ++i) {
    FittedCluster& cluster = model->clusters.emplace_back(ClusterOf(confirmed, slots[i], placement.centres[slots[i]]));
    cluster.id = ids[i];
    const FittedCluster* before = last == nullptr ? nullptr : last->Find(cluster.id);
    if (before != nullptr) cluster.name = before->name;
  }
  std::sort(model->clusters.begin(), model->clusters.end(),
            [](const FittedCluster& a, const FittedCluster& b) { return a.id < b.id; });
  NameClusters(model);
}

}  // namespace strata
