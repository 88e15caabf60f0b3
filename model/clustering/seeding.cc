#include "model/clustering/seeding.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "model/clustering/exchanges.h"
#include "model/clustering/potential.h"

namespace strata {
namespace {

// 2 + floor(ln k), without a logarithm.
int CandidatesAStep(int k) {
  constexpr int kPowersOfE[] = {3, 8, 21, 55, 149};  // rounded up
  int candidates = 2;
  for (const int power : kPowersOfE) candidates += k >= power ? 1 : 0;
  return candidates;
}

uint64_t StreamOf(const SolveOptions& options, int start) {
  return (static_cast<uint64_t>(options.stream) << 40) | (static_cast<uint64_t>(options.lloyd.k) << 32) |
         (static_cast<uint64_t>(start) << 16);
}

bool Better(const Solution& a, const Solution& b) {
  if (a.centres.size() != b.centres.size()) return a.centres.size() > b.centres.size();
  if (a.inertia != b.inertia) return a.inertia < b.inertia;
  return a.centres.centres() < b.centres.centres();
}

// The result by sorted centres.
Solution SortedSolution(const LloydRun& run, const PointBlocks& points, const LloydOptions& options,
                        const Kernels& kernels) {
  Solution solution;
  solution.centres = run.centres().Sorted();
  solution.iterations = run.iterations();
  solution.converged = run.converged();
  if (options.trim > 0) {
    TrimmedEvaluation evaluation = EvaluateTrimmed(points, solution.centres, 0, options.trim, kernels);
    solution.sums = std::move(evaluation.kept.sums);
    solution.threshold = evaluation.threshold;
    solution.labels = std::move(evaluation.labels);
  } else {
    RunCache cache;
    solution.sums = Evaluate(points, {.centres = solution.centres}, kernels, &cache).sums;
    solution.labels = std::move(cache.labels);
    solution.labels.resize(points.size());
  }
  solution.inertia = solution.sums.Inertia(solution.centres);
  return solution;
}

}  // namespace

std::vector<Centre> GreedyPlusPlus(const PointBlocks& points, int k, uint64_t seed, DrawPurpose purpose,
                                   uint64_t stream, int64_t gamma, const Kernels& kernels, int64_t trim) {
  return MoreCentres(points, {}, k, CandidatesAStep(k), seed, purpose, stream, gamma, kernels, trim);
}

std::vector<Centre> MoreCentres(const PointBlocks& points, std::vector<Centre> centres, int k, int candidates,
                                uint64_t seed, DrawPurpose purpose, uint64_t stream, int64_t gamma,
                                const Kernels& kernels, int64_t trim) {
  uint64_t step = 0;
  const auto draw = [&] { return KeyedDraw(seed, DrawRound(purpose), stream + step++); };
  Potential potential(points, gamma, kernels, trim);
  if (centres.empty()) centres.push_back(points.point(potential.Draw(draw())));
  for (const Centre& centre : centres) potential.Add(centre);
  while (static_cast<int>(centres.size()) < k && potential.total() > 0) {
    std::optional<Potential> best;
    size_t best_point = 0;
    for (int candidate = 0; candidate < candidates; ++candidate) {
      const size_t point = potential.Draw(draw());
      if (best.has_value() && point == best_point) continue;
      Potential with = potential;
      with.Add(points.point(point));
      const bool better =
          !best.has_value() || with.total() < best->total() || (with.total() == best->total() && point < best_point);
      if (!better) continue;
      best = std::move(with);
      best_point = point;
    }
    potential = std::move(*best);
    centres.push_back(points.point(best_point));
  }
  return centres;
}

Solution SolveFrom(const PointBlocks& points, const LloydOptions& options, CentreSet start, const Kernels& kernels) {
  LloydOptions known = options;
  known.customers = static_cast<int64_t>(points.size());
  LloydRun run(known, std::move(start));
  RunCache cache;
  while (!run.done()) {
    absl::Status status;
    if (known.trim > 0) {
      const TrimmedEvaluation evaluation =
          EvaluateTrimmed(points, run.centres(), run.next().farthest_wanted, known.trim, kernels);
      status = run.AbsorbKept(evaluation.kept, evaluation.threshold);
    } else {
      status = run.Absorb(
          Evaluate(points, {.centres = run.centres(), .farthest_wanted = run.next().farthest_wanted}, kernels, &cache));
    }
    if (!status.ok()) return {};
  }
  return SortedSolution(run, points, known, kernels);
}

std::vector<Solution> SolveInMemory(const PointBlocks& points, const SolveOptions& options, const Kernels& kernels) {
  if (points.total_weight() == 0) return {};
  std::vector<Solution> solutions(static_cast<size_t>(options.starts));
  tbb::parallel_for(0, options.starts, [&](int start) {
    std::vector<Centre> centres = GreedyPlusPlus(points, options.lloyd.k, options.seed, options.purpose,
                                                 StreamOf(options, start), options.gamma, kernels, options.lloyd.trim);
    solutions[static_cast<size_t>(start)] =
        SolveFrom(points, options.lloyd, CentreSet(std::move(centres), options.gamma), kernels);
  });
  std::sort(solutions.begin(), solutions.end(), Better);
  const CentreSet& best = solutions.front().centres;
  if (options.exchange && options.lloyd.trim == 0 && best.size() > 1) {
    const int proposals = 2 * options.lloyd.k;
    CentreSet improved = ImproveByExchanges(points, best, proposals, options.seed, StreamOf(options, 0), kernels);
    if (improved != best) {
      solutions.push_back(SolveFrom(points, options.lloyd, std::move(improved), kernels));
      std::sort(solutions.begin(), solutions.end(), Better);
    }
  }
  const auto same = [](const Solution& a, const Solution& b) { return a.centres == b.centres; };
  solutions.erase(std::unique(solutions.begin(), solutions.end(), same), solutions.end());
  if (solutions.size() > kSolutionsMax) solutions.resize(kSolutionsMax);
  return solutions;
}

}  // namespace strata
