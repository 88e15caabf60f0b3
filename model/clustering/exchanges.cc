#include "model/clustering/exchanges.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/int128.h"
#include "model/clustering/evaluate.h"
#include "model/statistics/keyed_sample.h"

namespace strata {
namespace {

// Where every point stands among the centres: the nearest, and the distances to it and to the second.
struct Standing {
  Standing(const PointBlocks& points, const CentreSet& centres, const Kernels& kernels) {
    std::vector<uint8_t> second(points.blocks() * kKernelBlock);
    own.resize(second.size());
    BlockReader reader(points, kernels);
    for (size_t b = 0; b < points.blocks(); ++b) {
      const size_t begin = b * kKernelBlock;
      kernels.cluster.two_nearest(centres.view(), reader.block(b), own.data() + begin, second.data() + begin);
    }
    nearest = DistancesOf(points, centres, own, kernels);
    other = DistancesOf(points, centres, second, kernels);
    for (size_t i = 0; i < points.size(); ++i) inertia += Int128{nearest[i]} * points.weight(i);
  }

  size_t Draw(const PointBlocks& points, uint64_t share) const {
    const uint64_t low = static_cast<uint64_t>(inertia);
    Int128 target = static_cast<Int128>(share) * static_cast<Int128>(inertia >> 64);
    target += static_cast<Int128>((static_cast<UInt128>(share) * low) >> 64);
    size_t i = 0;
    for (Int128 part = 0; target >= (part = Int128{nearest[i]} * points.weight(i)); ++i) target -= part;
    return i;
  }

  std::vector<uint8_t> own;
  std::vector<int64_t> nearest;
  std::vector<int64_t> other;
  Int128 inertia = 0;
};

// The slot that the point should take, or size() where no exchange makes the inertia less.
size_t BestExchange(const PointBlocks& points, const CentreSet& centres, const Standing& standing, const Centre& point,
                    const Kernels& kernels) {
  const std::vector<uint8_t> only(points.blocks() * kKernelBlock, 0);
  const std::vector<int64_t> to_point = DistancesOf(points, CentreSet({point}, centres.gamma()), only, kernels);
  Int128 with_all = 0;
  std::vector<Int128> missed(centres.size(), 0);
  for (size_t i = 0; i < points.size(); ++i) {
    const int64_t with = std::min(standing.nearest[i], to_point[i]);
    const int64_t without = std::min(standing.other[i], to_point[i]);
    with_all += Int128{with} * points.weight(i);
    missed[standing.own[i]] += Int128{without - with} * points.weight(i);
  }
  size_t best = centres.size();
  Int128 least = standing.inertia;
  for (size_t slot = 0; slot < centres.size(); ++slot) {
    if (with_all + missed[slot] >= least) continue;
    least = with_all + missed[slot];
    best = slot;
  }
  return best;
}

}  // namespace

CentreSet ImproveByExchanges(const PointBlocks& points, const CentreSet& centres, int proposals, uint64_t seed,
                             uint64_t stream, const Kernels& kernels) {
  CentreSet current = centres;
  Standing standing(points, current, kernels);
  for (int proposal = 0; proposal < proposals && standing.inertia > 0; ++proposal) {
    const uint64_t draw =
        KeyedDraw(seed, DrawRound(DrawPurpose::kClusteringExchange), stream + static_cast<uint64_t>(proposal));
    const Centre point = points.point(standing.Draw(points, draw));
    const size_t slot = BestExchange(points, current, standing, point, kernels);
    if (slot == current.size()) continue;
    std::vector<Centre> exchanged = current.centres();
    exchanged[slot] = point;
    current = CentreSet(std::move(exchanged), current.gamma());
    standing = Standing(points, current, kernels);
  }
  return current;
}

}  // namespace strata
