#include "model/clustering/start.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/hash.h"
#include "base/int128.h"
#include "model/clustering/lloyd.h"
#include "model/statistics/keyed_sample.h"

namespace strata {
namespace {

class SeedDraws {
 public:
  SeedDraws(uint64_t seed, int k, int restart)
      : seed_(seed), stream_((static_cast<uint64_t>(k) << 32) | (static_cast<uint64_t>(restart) << 16)) {}
  // Uniform over 0..bound-1, up to a bias of bound / 2^64.
  int64_t Below(int64_t bound) {
    const uint64_t draw = KeyedDraw(seed_, DrawRound(DrawPurpose::kClusteringSeeding), stream_ + step_++);
    return static_cast<int64_t>((static_cast<UInt128>(draw) * static_cast<uint64_t>(bound)) >> 64);
  }

 private:
  uint64_t seed_;
  uint64_t stream_;
  uint64_t step_ = 0;
};

// The next centre is a point drawn with probability proportional to its squared distance to the nearest centre.
std::vector<GridPoint> PlusPlus(const std::vector<GridPoint>& points, int k, SeedDraws draws) {
  std::vector<GridPoint> centres = {points[static_cast<size_t>(draws.Below(static_cast<int64_t>(points.size())))]};
  std::vector<int64_t> nearest(points.size(), std::numeric_limits<int64_t>::max());
  while (static_cast<int>(centres.size()) < k) {
    int64_t total = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      nearest[i] = std::min(nearest[i], SquaredDistance(points[i], centres.back()));
      total += nearest[i];
    }
    if (total == 0) break;  // every point is a centre already
    int64_t target = draws.Below(total);
    size_t chosen = 0;
    while (target >= nearest[chosen]) target -= nearest[chosen++];
    centres.push_back(points[chosen]);
  }
  return centres;
}

std::optional<CentroidRun> Improve(const std::vector<PointBlock>& blocks, std::vector<GridPoint> centres,
                                const Kernels& kernels) {
  const int k = static_cast<int>(centres.size());
  CentroidRun run(k, CentroidSet(std::move(centres)), kSampleIterationsMax);
  LabelBlock labels;
  while (!run.done()) {
    CentroidSums sums(run.centroids().size());
    FarthestPoints farthest;
    farthest.wanted = run.farthest_wanted();
    for (const PointBlock& block : blocks) {
      run.centroids().Assign(block, kernels, &labels);
      sums.Add(block, labels);
      farthest.Add(run.centroids(), block, labels);
    }
    if (!run.Absorb(sums, farthest).ok()) return std::nullopt;
  }
  return run;
}

}  // namespace

CentroidSet StartingCentroids(const std::vector<GridPoint>& points, int k, uint64_t seed, const Kernels& kernels) {
  std::vector<PointBlock> blocks((points.size() + kBlockPoints - 1) / kBlockPoints);
  for (size_t i = 0; i < points.size(); ++i) blocks[i / kBlockPoints].Add(points[i]);
  std::optional<CentroidRun> best;
  for (int restart = 0; restart < kStartRestarts; ++restart) {
    std::optional<CentroidRun> run = Improve(blocks, PlusPlus(points, k, SeedDraws(seed, k, restart)), kernels);
    if (!run.has_value()) continue;
    const bool better = !best.has_value() || run->centroids().size() > best->centroids().size() ||
                        (run->centroids().size() == best->centroids().size() && run->Inertia() < best->Inertia());
    if (better) best = std::move(run);
  }
  return best.has_value() ? best->centroids() : CentroidSet({points.front()});
}

}  // namespace strata
