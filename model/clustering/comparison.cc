#include "model/clustering/comparison.h"

#include <algorithm>
#include <utility>

#include "model/clustering/seeding.h"
#include "model/statistics/keyed_sample.h"

namespace strata {
namespace {

// A cluster that holds a tenth of what is left is missed by all of them less than once in five times, one that holds a
// quarter once in a hundred.
constexpr int kNextCandidates = 16;
// Gains of a hundred-thousandth are far below what tells one reference from another.
constexpr int64_t kComparisonTolerance = 10;

}  // namespace

std::vector<Int128> WithinByK(const PointBlocks& points, const LloydOptions& options, int64_t gamma, uint64_t seed,
                              uint32_t stream, const Kernels& kernels) {
  if (points.total_weight() == 0) return std::vector<Int128>(static_cast<size_t>(options.k), 0);
  std::vector<Int128> within;
  std::vector<Centre> last;
  for (int k = 1; k <= options.k; ++k) {
    LloydOptions of_k = options;
    of_k.k = k;
    of_k.tolerance = kComparisonTolerance;
    // As SolveInMemory's: the start is in bits 16 to 31.
    const uint64_t draws = (static_cast<uint64_t>(stream) << 40) | (static_cast<uint64_t>(k) << 32);
    const auto solve = [&](std::vector<Centre> start) {
      return SolveFrom(points, of_k, CentreSet(std::move(start), gamma), kernels);
    };
    Solution best =
        solve(GreedyPlusPlus(points, k, seed, DrawPurpose::kClusteringSeeding, draws, gamma, kernels, options.trim));
    if (k > 1) {
      const Solution next = solve(MoreCentres(points, last, k, kNextCandidates, seed, DrawPurpose::kClusteringSeeding,
                                              draws | (1 << 16), gamma, kernels, options.trim));
      if (next.centres.size() > best.centres.size() ||
          (next.centres.size() == best.centres.size() && next.inertia < best.inertia)) {
        best = next;
      }
    }
    within.push_back(static_cast<int>(best.centres.size()) < k ? 0 : best.inertia);
    last = best.centres.centres();
  }
  return within;
}

}  // namespace strata
