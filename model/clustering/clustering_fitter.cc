#include "model/clustering/clustering_fitter.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "base/fixed_point.h"
#include "model/clustering/silhouette.h"
#include "model/clustering/start.h"

namespace strata {
namespace {

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the clustering does not belong to its round: {}", what));
}

}  // namespace

ClusteringFitter::ClusteringFitter(const Settings& settings) : settings_(settings) {}

std::optional<ClusteringFitter::Parameters> ClusteringFitter::Next() const {
  if (done_) return std::nullopt;
  Parameters parameters;
  parameters.stage = stage_;
  parameters.seed = settings_.seed;
  parameters.scaling = scaling_;
  for (const CentroidRun& run : runs_) {
    if (stage_ == Stage::kLloyd && run.done()) continue;
    Parameters::Candidate& candidate = parameters.candidates.emplace_back();
    candidate.centroids = run.centroids().points();
    candidate.farthest_wanted = run.farthest_wanted();
    if (stage_ == Stage::kSilhouette) candidate.sums = run.sums();
  }
  return parameters;
}

absl::Status ClusteringFitter::Absorb(const Partial& merged) {
  if (done_) return Mismatch("the fit is done");
  switch (stage_) {
    case Stage::kMoments:
      return AbsorbMoments(merged);
    case Stage::kLloyd:
      return AbsorbLloyd(merged);
    case Stage::kSilhouette:
      return AbsorbSilhouette(merged);
  }
  return Mismatch("unknown stage");
}

absl::Status ClusteringFitter::AbsorbMoments(const Partial& merged) {
  const int64_t customers = merged.moments[0].count;
  if (customers < 2) {
    model_.reason = fmt::format("clustering needs at least 2 customers with a purchase day; there {} {}",
                                customers == 1 ? "is" : "are", customers);
    done_ = true;
    return absl::OkStatus();
  }
  if (merged.sample.size() == 0 || merged.sample.width() != kClusterFeatures) return Mismatch("no sample");
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    const double deviation = std::ldexp(merged.moments[j].Deviation(), -kFeatureGridBits);
    scaling_.mean[j] = std::ldexp(merged.moments[j].Mean(), -kFeatureGridBits);
    scaling_.deviation[j] = deviation > 0 ? deviation : 1;
  }
  const std::vector<std::string> names = ClusterFeatureNames();
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    NumericFeature& feature = model_.space.numeric.emplace_back();
    feature.name = names[j];
    feature.mean = scaling_.mean[j];
    feature.deviation = scaling_.deviation[j];
  }

  std::vector<GridPoint> sample;
  for (size_t row = 0; row < merged.sample.size(); ++row) {
    TransformedPoint point;
    std::copy_n(merged.sample.values(row).begin(), kClusterFeatures, point.begin());
    sample.push_back(scaling_.Scale(point));
  }
  const int k_first = settings_.k.value_or(2);
  const int k_last = settings_.k.value_or(settings_.k_max);
  for (int k = k_first; k <= k_last; ++k) {
    runs_.emplace_back(k, StartingCentroids(sample, k, settings_.seed, *settings_.kernels), settings_.iterations_max);
  }
  stage_ = Stage::kLloyd;
  return absl::OkStatus();
}

absl::Status ClusteringFitter::AbsorbLloyd(const Partial& merged) {
  size_t next = 0;
  bool open = false;
  for (CentroidRun& run : runs_) {
    if (run.done()) continue;
    if (next == merged.candidates.size()) return Mismatch("too few candidates");
    STRATA_RETURN_IF_ERROR(run.Absorb(merged.candidates[next].sums, merged.candidates[next].farthest));
    ++next;
    open = open || !run.done();
  }
  if (next != merged.candidates.size()) return Mismatch("too many candidates");
  if (!open) stage_ = Stage::kSilhouette;
  return absl::OkStatus();
}

absl::Status ClusteringFitter::AbsorbSilhouette(const Partial& merged) {
  if (merged.candidates.size() != runs_.size()) return Mismatch("another number of candidates");
  const CentroidRun* best = nullptr;
  double best_silhouette = 0;
  for (size_t i = 0; i < runs_.size(); ++i) {
    int64_t customers = 0;
    for (size_t c = 0; c < runs_[i].centroids().size(); ++c) customers += runs_[i].sums().count(c);
    const double silhouette =
        FromGrid(merged.candidates[i].silhouette, kSilhouetteGridBits) / static_cast<double>(customers);
    // A reduced k repeats a smaller one, which was tried as well (unless it is the only one).
    if (runs_[i].reduced() && runs_.size() > 1 && i > 0) continue;
    GapRow& row = model_.trials.rows.emplace_back();
    row.k = static_cast<int>(runs_[i].centroids().size());
    row.silhouette = silhouette;
    if (best == nullptr || silhouette > best_silhouette) {
      best = &runs_[i];
      best_silhouette = silhouette;
    }
  }
  Choose(*best, best_silhouette);
  done_ = true;
  return absl::OkStatus();
}

void ClusteringFitter::Choose(const CentroidRun& run, double silhouette) {
  const std::vector<GridPoint>& centroids = run.centroids().points();
  std::vector<size_t> order(centroids.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // Stable: centroids ascend already, which settles clusters of equal size.
  std::stable_sort(order.begin(), order.end(),
                   [&run](size_t a, size_t b) { return run.sums().count(a) > run.sums().count(b); });
  for (const size_t c : order) {
    FittedCluster& cluster = model_.clusters.emplace_back();
    cluster.id = static_cast<int>(model_.clusters.size());
    for (const int64_t coordinate : centroids[c]) cluster.centre.q.push_back(static_cast<int32_t>(coordinate));
    cluster.size = run.sums().count(c);
  }
  model_.k = static_cast<int>(centroids.size());
  model_.inertia = FromGrid(run.Inertia(), 2 * kScaledGridBits);
  model_.silhouette = silhouette;
  model_.iterations = run.iterations();
  model_.converged = run.converged();
  if (run.too_few_points()) {
    model_.reason =
        fmt::format("{} clusters instead of {}: the customers have only so many distinct points", model_.k, run.k());
  } else if (run.reduced()) {
    model_.reason = fmt::format("{} clusters instead of {}: the others were empty after {} iterations, the limit",
                                model_.k, run.k(), run.iterations());
  } else if (!run.converged()) {
    model_.reason = fmt::format("not converged after {} iterations, the limit", run.iterations());
  }
}

namespace {

// A model's centroids in ascending order with their cluster numbers, so that ties fall as they did in the fit.
class Predictor {
 public:
  explicit Predictor(const ClusteringModel& model) : scaling_(ScalingOf(model)) {
    std::vector<std::pair<GridPoint, int>> numbered;
    for (size_t c = 0; c < model.clusters.size(); ++c) {
      GridPoint point;
      for (size_t j = 0; j < kClusterFeatures; ++j) point[j] = model.clusters[c].centre.q[j];
      numbered.emplace_back(point, static_cast<int>(c));
    }
    std::sort(numbered.begin(), numbered.end());
    std::vector<GridPoint> points;
    for (const auto& [point, number] : numbered) {
      points.push_back(point);
      numbers_.push_back(number);
    }
    centroids_ = CentroidSet(std::move(points));
  }
  int ClusterOf(const CustomerColumns& columns, size_t row) const {
    if (columns.purchase_days[row] <= 0) return -1;
    return numbers_[centroids_.Nearest(scaling_.Scale(TransformCustomer(columns, row)))];
  }
  // Of every row with a purchase day.
  void ClustersOf(const CustomerColumns& columns, const Kernels& kernels, std::vector<int>* clusters) const {
    const auto customers = std::make_unique<TransformedBlock>();
    const auto points = std::make_unique<PointBlock>();
    LabelBlock labels;
    for (size_t row = 0; row < columns.size();) {
      row = customers->Fill(columns, row, kernels);
      points->Fill(*customers, scaling_, kernels);
      centroids_.Assign(*points, kernels, &labels);
      for (size_t i = 0; i < points->size; ++i) {
        (*clusters)[customers->rows[i]] = numbers_[static_cast<size_t>(labels.labels[i])];
      }
    }
  }

 private:
  ClusterScaling scaling_;
  CentroidSet centroids_;
  std::vector<int> numbers_;
};

}  // namespace

int Predict(const ClusteringModel& model, const CustomerColumns& columns, size_t row) {
  return model.k > 0 ? Predictor(model).ClusterOf(columns, row) : -1;
}

std::vector<int> Predict(const ClusteringModel& model, const CustomerColumns& columns, const Kernels& kernels) {
  std::vector<int> clusters(columns.size(), -1);
  if (model.k <= 0) return clusters;
  Predictor(model).ClustersOf(columns, kernels, &clusters);
  return clusters;
}

}  // namespace strata
