// The clustering's fit from the chosen number of clusters on: the search over the whole base and what it ends in.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/clustering/clustering_fitter.h"
#include "model/clustering/fitted_clusters.h"
#include "model/clustering/partial_shapes.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

constexpr int64_t kMillion = 1'000'000;
// A run that is so much worse than the best after so many iterations does not overtake it any more.
constexpr int kIterationsToDrop = 5;
constexpr Int128 kHopelessPercent = 102;
// The last centres' optimum is left only for one that is better by more than a hundredth.
constexpr Int128 kWorthLeavingPercent = 99;

// More clusters, then less inertia: which is the better fit of the same customers.
bool Better(const TrialOptimum& a, const TrialOptimum& b) {
  if (a.centres.size() != b.centres.size()) return a.centres.size() > b.centres.size();
  return a.inertia < b.inertia;
}

}  // namespace

int64_t ClusteringFitter::TrimmedCustomers(int64_t customers) const { return customers * settings_.trim / kMillion; }

void ClusteringFitter::StartSearch() {
  const TrialSettings& trials = trials_.settings;
  const std::vector<TrialOptimum>& optima = results_.at(static_cast<uint32_t>(k_ - trials.k_first)).optima;
  for (size_t i = 0; i < optima.size(); ++i) found_[static_cast<uint32_t>(i)] = optima[i];
  for (const auto& [unit, result] : results_) {
    const bool is_last = TrialUnits(trials)[unit].set == TrialUnit::Set::kLast;
    if (is_last && !result.optima.empty() && static_cast<int>(trials_.last.size()) == k_) {
      found_[kLastRun] = result.optima.front();
    }
  }
  // The sample without its outliers is never the base: what counts is the sample as it was drawn.
  const bool whole = static_cast<int64_t>(TrialRows(trials, finder_->Sample().hash.size())) == finder_->customers();
  if (found_.empty() || whole) {
    TakeBest();
  } else if (k_ == 1 || optima.empty()) {
    StartLloyd();
  } else {
    candidates_ = {optima.front().centres[0]};
    StartOversample(0);
    stage_ = Stage::kSeeding;
  }
}

void ClusteringFitter::StartOversample(uint32_t round) {
  const GridSample& sample = trials_.sample;
  const PointBlocks points =
      PointBlocks::OfGrid(sample.d, sample.categories, sample.q, sample.codes, sample.hash, sample.weights);
  const Int128 phi = PotentialOf(points, candidates_, model_.gamma, *settings_.kernels);
  oversample_ = {.centres = candidates_,
                 .gamma = model_.gamma,
                 .k = k_,
                 .phi = phi * finder_->customers() / static_cast<Int128>(std::max<size_t>(points.size(), 1)),
                 .seed = settings_.seed,
                 .round = round};
}

absl::Status ClusteringFitter::AbsorbSeeding(const SeedingPartial& merged) {
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  if (oversample_.has_value()) {
    STRATA_RETURN_IF_ERROR(CheckCandidates(model_.space, merged.candidates));
    const std::vector<Centre> more = CandidatesOf(merged.candidates, model_.space.d());
    candidates_.insert(candidates_.end(), more.begin(), more.end());
    const uint32_t next = oversample_->round + 1;
    oversample_.reset();
    if (next < static_cast<uint32_t>(kOversampleRounds)) {
      StartOversample(next);
    }
    return absl::OkStatus();
  }
  if (merged.weights.size() != candidates_.size()) return PartialMismatch("another number of candidates");
  const CentreSet start =
      ReduceCandidates(candidates_, merged.weights, k_, model_.gamma, settings_.seed, *settings_.kernels);
  found_[kParallelRun].centres = start;
  StartLloyd();
  return absl::OkStatus();
}

void ClusteringFitter::StartLloyd() {
  const LloydOptions options{.k = k_,
                             .iterations_max = settings_.iterations_max,
                             .tolerance = settings_.tolerance,
                             .trim = TrimmedCustomers(finder_->customers()),
                             .customers = finder_->customers()};
  for (const auto& [number, start] : found_) {
    const bool is_same = std::any_of(runs_.begin(), runs_.end(),
                                     [&start](const auto& run) { return run.second.centres() == start.centres; });
    // Equal starts end alike; the last centres' is told from the others.
    if (!is_same || number == kLastRun) runs_.emplace(number, LloydRun(options, start.centres));
  }
  found_.clear();
  stage_ = Stage::kLloyd;
}

absl::Status ClusteringFitter::AbsorbLloyd(const LloydPartial& merged) {
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  if (merged.runs.size() != runs_.size()) return PartialMismatch("another number of runs");
  for (auto& [number, run] : runs_) {
    const auto evaluation = merged.runs.find(number);
    if (evaluation == merged.runs.end()) return PartialMismatch("a run is missing");
    STRATA_RETURN_IF_ERROR(run.Absorb(evaluation->second));
    if (!run.done()) continue;
    found_[number] = {.centres = run.centres().Sorted(),
                      .inertia = run.inertia(),
                      .threshold = run.threshold(),
                      .iterations = run.iterations(),
                      .converged = run.converged()};
  }
  std::erase_if(runs_, [](const auto& run) { return run.second.done(); });
  DropHopelessRuns();
  if (runs_.empty()) TakeBest();
  return absl::OkStatus();
}

void ClusteringFitter::DropHopelessRuns() {
  std::optional<Int128> least;
  const auto take = [&least](Int128 inertia) { least = least.has_value() ? std::min(*least, inertia) : inertia; };
  for (const auto& [number, optimum] : found_) take(optimum.inertia);
  for (const auto& [number, run] : runs_) {
    if (run.iterations() > 0) take(run.inertia());
  }
  std::erase_if(runs_, [&](const auto& run) {
    return run.first != kLastRun && run.second.iterations() >= kIterationsToDrop &&
           100 * run.second.inertia() > kHopelessPercent * *least;
  });
}

void ClusteringFitter::TakeBest() {
  const auto last = found_.find(kLastRun);
  auto best = found_.begin();
  for (auto run = found_.begin(); run != found_.end(); ++run) {
    if (Better(run->second, best->second)) best = run;
  }
  if (best == found_.end()) {  // no customer has a weight
    model_.reason = "nobody has a weight above 0";
    stage_ = Stage::kDone;
    return;
  }
  if (last != found_.end() && best != last && last->second.centres.size() == best->second.centres.size()) {
    const bool worth_it = 100 * best->second.inertia < kWorthLeavingPercent * last->second.inertia;
    if (!worth_it) best = last;
    model_.refit.why += worth_it ? "; other centres are more than 1 % better than the last ones moved on"
                                 : "; the last centres moved on are as good as any, to 1 %";
  }
  Confirm(best->second);
}

void ClusteringFitter::Confirm(const TrialOptimum& optimum) {
  model_.iterations = optimum.iterations;
  model_.converged = optimum.converged;
  const auto found = static_cast<int>(optimum.centres.size());
  if (found < k_) {
    model_.reason =
        fmt::format("{} clusters instead of {}: the customers have only so many distinct points", found, k_);
  } else if (!optimum.converged) {
    model_.reason = fmt::format("not converged after {} iterations, the limit", optimum.iterations);
  }
  placement_.space = model_.space;
  placement_.centres = optimum.centres;
  placement_.threshold.reset();
  if (TrimmedCustomers(model_.customers) > 0) placement_.threshold = optimum.threshold;
  stage_ = Stage::kConfirm;
}

absl::Status ClusteringFitter::AbsorbConfirm(const ConfirmPartial& merged) {
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  const ClusteringModel* last = Follows() ? settings_.last.get() : nullptr;
  STRATA_RETURN_IF_ERROR(CheckConfirmed(placement_, last == nullptr ? 0 : last->clusters.size(), merged));
  totals_ = merged.totals;
  TakeConfirmed(placement_, merged, last, &model_);
  stage_ = Stage::kQuality;
  return absl::OkStatus();
}

absl::Status ClusteringFitter::AbsorbQuality(const QualityPartial& merged) {
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  STRATA_RETURN_IF_ERROR(CheckQuality(placement_.centres.size(), merged.quality));
  const QualityFigures figures =
      FiguresOf(merged.quality, totals_.SquaresAboutMean(placement_.centres.gamma()), placement_.centres);
  model_.silhouette = figures.silhouette.value_or(0);
  model_.calinski_harabasz = figures.calinski_harabasz;
  model_.davies_bouldin = figures.davies_bouldin;
  stage_ = Stage::kDone;
  return absl::OkStatus();
}

}  // namespace strata
