#include "model/clustering/trials.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "base/fixed_point.h"
#include "base/hash.h"
#include "model/clustering/comparison.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/matching.h"
#include "model/clustering/seeding.h"
#include "model/statistics/keyed_sample.h"

namespace strata {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr size_t kTrialRowsMin = 4096;          // fewer tell a small cluster from chance no more
constexpr int64_t kWorkOfTwelve = 12 * 13 / 2;  // the sum of 1 to 12: a trial with k clusters costs k

constexpr int kHalfStarts = 4;

// Streams of draws; k and the start are told apart by those who draw. References follow.
enum Stream : uint32_t { kDataStream, kFirstHalfStream, kSecondHalfStream, kComparisonStream, kReferenceStream };

PointBlocks PointsOf(const GridSample& sample) {
  return PointBlocks::OfGrid(sample.d, sample.categories, sample.q, sample.codes, sample.hash, sample.weights);
}

LloydOptions LloydOf(const TrialSettings& settings, int k, int64_t trim, size_t points) {
  LloydOptions options;
  options.k = k;
  options.iterations_max = settings.iterations_max;
  options.trim = static_cast<int64_t>(points) * trim / kMillion;
  options.customers = static_cast<int64_t>(points);
  return options;
}

std::vector<Solution> Solve(const TrialSettings& settings, const PointBlocks& points, int k, int starts, bool exchange,
                            uint32_t stream, const Kernels& kernels) {
  SolveOptions options;
  options.lloyd = LloydOf(settings, k, settings.trim, points.size());
  options.gamma = settings.gamma;
  options.starts = starts;
  options.exchange = exchange;
  options.seed = settings.seed;
  options.stream = stream;
  return SolveInMemory(points, options, kernels);
}

TrialOptimum OptimumOf(const Solution& solution) {
  return {.centres = solution.centres,
          .inertia = solution.inertia,
          .threshold = solution.threshold,
          .iterations = solution.iterations,
          .converged = solution.converged};
}

TrialResult RunData(const TrialSettings& settings, const GridSample& sample, int k, const Kernels& kernels) {
  TrialResult result;
  const PointBlocks points = PointsOf(sample);
  const std::vector<Solution> solutions =
      Solve(settings, points, k, std::max(settings.starts, 1), true, kDataStream, kernels);
  for (const Solution& solution : solutions) result.optima.push_back(OptimumOf(solution));
  if (solutions.empty()) return result;
  const Solution& best = solutions.front();
  const ClusterTotals totals(points, best.labels, best.centres.size());
  result.quality = MeasureQuality(points, best.centres, best.labels, totals, kernels);
  result.total = totals.SquaresAboutMean(settings.gamma);
  return result;
}

// Both halves' clusters, and all customers by both.
TrialResult RunStability(const TrialSettings& settings, const GridSample& sample, int k, const Kernels& kernels) {
  std::vector<uint8_t> first(sample.size()), second(sample.size());
  for (size_t row = 0; row < sample.size(); ++row) {
    const uint64_t draw = KeyedDraw(settings.seed, DrawRound(DrawPurpose::kClusteringHalf), sample.hash[row]);
    first[row] = draw >> 63 == 0 ? 1 : 0;
    second[row] = draw >> 63 == 0 ? 0 : 1;
  }
  const PointBlocks points = PointsOf(sample);
  std::vector<std::vector<uint8_t>> labels;
  std::vector<size_t> clusters;
  for (const std::vector<uint8_t>& half : {first, second}) {
    const PointBlocks of_half = PointsOf(sample.Kept(half));
    const uint32_t stream = labels.empty() ? kFirstHalfStream : kSecondHalfStream;
    const std::vector<Solution> solutions = Solve(settings, of_half, k, kHalfStarts, false, stream, kernels);
    if (solutions.empty()) return {};
    clusters.push_back(solutions.front().centres.size());
    labels.push_back(LabelsOf(points, solutions.front().centres, kernels));
  }
  TrialResult result;
  result.columns = static_cast<uint32_t>(clusters[1]);
  result.contingency.assign(clusters[0] * clusters[1], 0);
  for (size_t i = 0; i < points.size(); ++i) ++result.contingency[labels[0][i] * clusters[1] + labels[1][i]];
  return result;
}

TrialResult RunComparison(const TrialSettings& settings, const GridSample& sample, int64_t trim, uint32_t stream,
                          const Kernels& kernels) {
  TrialResult result;
  result.within = WithinByK(PointsOf(sample), LloydOf(settings, settings.k_last, trim, sample.size()), settings.gamma,
                            settings.seed, stream, kernels);
  return result;
}

TrialResult RunReference(const TrialsRequest& request, int reference, const Kernels& kernels) {
  const auto number = static_cast<uint32_t>(reference);
  const GridSample drawn = request.normal.Draw(request.sample, request.settings.seed, number);
  // Normal data have no outliers to set aside, and as many points are left as were kept of the data.
  return RunComparison(request.settings, drawn, 0, kReferenceStream + number, kernels);
}

TrialResult RunLast(const TrialsRequest& request, const Kernels& kernels) {
  const PointBlocks points = PointsOf(request.sample);
  const LloydOptions options =
      LloydOf(request.settings, static_cast<int>(request.last.size()), request.settings.trim, points.size());
  TrialResult result;
  result.optima = {OptimumOf(SolveFrom(points, options, request.last, kernels))};
  return result;
}

}  // namespace

std::vector<TrialUnit> TrialUnits(const TrialSettings& settings) {
  std::vector<TrialUnit> units;
  for (int k = settings.k_first; k <= settings.k_last; ++k) units.push_back({TrialUnit::Set::kData, k});
  if (settings.compare) {
    for (int k = std::max(settings.k_first, 2); k <= settings.k_last; ++k) {
      units.push_back({TrialUnit::Set::kStability, k});
    }
  }
  units.push_back({TrialUnit::Set::kLast, 0});
  if (settings.compare) {
    units.push_back({TrialUnit::Set::kComparison, 0});
    for (int b = 0; b < settings.references; ++b) units.push_back({TrialUnit::Set::kReference, b});
  }
  return units;
}

TrialResult RunTrial(const TrialsRequest& request, TrialUnit unit, const Kernels& kernels) {
  switch (unit.set) {
    case TrialUnit::Set::kData:
      return RunData(request.settings, request.sample, unit.number, kernels);
    case TrialUnit::Set::kStability:
      return RunStability(request.settings, request.sample, unit.number, kernels);
    case TrialUnit::Set::kLast:
      return RunLast(request, kernels);
    case TrialUnit::Set::kComparison:
      return RunComparison(request.settings, request.sample, request.settings.trim, kComparisonStream, kernels);
    case TrialUnit::Set::kReference:
      return RunReference(request, unit.number, kernels);
  }
  return {};
}

TrialsPartial RunTrials(const TrialsRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  const std::vector<TrialUnit> units = TrialUnits(request.settings);
  std::vector<uint32_t> own;
  for (uint32_t u = request.first_unit; u < request.end_unit && u < units.size(); ++u) {
    if (u % shard.shards != shard.number) continue;
    if (units[u].set == TrialUnit::Set::kLast && request.last.size() == 0) continue;
    own.push_back(u);
  }
  std::vector<TrialResult> results(own.size());
  tbb::parallel_for(size_t{0}, own.size(), [&](size_t i) { results[i] = RunTrial(request, units[own[i]], kernels); });
  TrialsPartial partial;
  for (size_t i = 0; i < own.size(); ++i) partial.results[own[i]] = std::move(results[i]);
  return partial;
}

size_t TrialRows(const TrialSettings& settings, size_t sample) {
  if (!settings.compare) return sample;
  const int64_t work =
      (static_cast<int64_t>(settings.k_first) + settings.k_last) * (settings.k_last - settings.k_first + 1) / 2;
  const auto rows = static_cast<size_t>(static_cast<int64_t>(sample) * kWorkOfTwelve / std::max(work, kWorkOfTwelve));
  return std::min(sample, std::max(rows, kTrialRowsMin));
}

namespace {

GapRow RowOf(int k, const TrialResult& result, int inertia_bits) {
  GapRow row;
  row.k = k;
  if (result.optima.empty()) return row;
  const TrialOptimum& best = result.optima.front();
  row.within = FromGrid(best.inertia, inertia_bits);
  row.iterations = best.iterations;
  const QualityFigures figures = FiguresOf(result.quality, result.total, best.centres);
  row.silhouette = figures.silhouette;
  row.calinski_harabasz = figures.calinski_harabasz;
  row.davies_bouldin = figures.davies_bouldin;
  return row;
}

}  // namespace

GapChoice ChooseK(const TrialSettings& settings, const std::map<uint32_t, TrialResult>& results, int64_t points,
                  int inertia_bits) {
  GapChoice choice;
  choice.points = points;
  choice.references = settings.compare ? settings.references : 0;
  std::vector<Dispersion> dispersions;
  const std::vector<TrialUnit> units = TrialUnits(settings);
  for (const auto& [u, result] : results) {
    const auto place = static_cast<size_t>(units[u].number - settings.k_first);
    switch (units[u].set) {
      case TrialUnit::Set::kData:
        choice.rows.push_back(RowOf(units[u].number, result, inertia_bits));
        break;
      case TrialUnit::Set::kStability:
        if (result.columns == 0) break;
        choice.rows[place].stability =
            AdjustedRand(result.contingency, result.contingency.size() / result.columns, result.columns);
        break;
      case TrialUnit::Set::kLast:
        break;
      case TrialUnit::Set::kComparison:
        for (const Int128 within : result.within) {
          dispersions.push_back({static_cast<int>(dispersions.size()) + 1, within, {}});
        }
        break;
      case TrialUnit::Set::kReference:
        for (size_t i = 0; i < dispersions.size(); ++i) dispersions[i].references.push_back(result.within[i]);
        break;
    }
  }
  if (!settings.compare) {
    choice.k = settings.k_last;
    choice.structure = choice.k > 1;
    return choice;
  }
  const std::vector<GapOfK> gaps = Gaps(dispersions);
  for (size_t i = 0; i < gaps.size(); ++i) {
    choice.rows[i].gap = gaps[i].gap;
    choice.rows[i].error = gaps[i].error;
  }
  choice.k = ChooseByGap(gaps);
  // Every point on a centre: no gap is larger, and no further cluster has anything in it.
  const auto exact = std::find_if(dispersions.begin(), dispersions.end(),
                                  [](const Dispersion& dispersion) { return dispersion.within == 0; });
  if (exact != dispersions.end()) choice.k = exact->k;
  choice.structure = choice.k > 1;
  if (exact != dispersions.end()) {
    choice.reason = fmt::format("the customers have only {} distinct points", exact->k);
  } else if (!choice.structure) {
    choice.reason = fmt::format(
        "no structure: no number of clusters to {} does better than one normal distribution of the same covariance",
        settings.k_last);
  }
  return choice;
}

}  // namespace strata
