// k-means|| (Bahmani et al. 2012, PVLDB 5(7)) over shards: in each of kOversampleRounds a customer becomes a candidate
// with probability kOversampling k w d^2 / phi, drawn by customer; then candidates are weighed by the customers nearest
// to them and reduced to k in memory. phi need not be exact for that, so it is taken from the sample and needs no pass
// of its own. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/centres.h"
#include "model/clustering/point_blocks.h"
#include "model/clustering/seeding.h"
#include "model/kernels/kernels.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

inline constexpr int kOversampleRounds = 2;  // enough at 2 k a round (Bahmani et al., section 5)
// Of k, candidates expected a round. So many stand for a blob that what two blobs cost together shows in the
// candidates.
inline constexpr int kOversampling = 8;
inline constexpr uint32_t kCandidatesPerSlot = 64;  // a round keeps at most so many times k

struct OversampleRequest {
  std::vector<Centre> centres;  // candidates so far
  int64_t gamma = 0;
  int k = 2;
  Int128 phi = 0;  // sum of w d^2 over the base, about
  uint64_t seed = 1;
  uint32_t round = 0;

  void Encode(ByteWriter* writer) const;
  static OversampleRequest Decode(ByteReader* reader);
  bool operator==(const OversampleRequest&) const = default;
};

// The candidates of a shard: rows of coordinates, then codes. Samples of shards merge.
KeyedSample Oversample(const PointBlocks& points, const OversampleRequest& request, const Kernels& kernels);
// Distinct points of a sample, ascending.
std::vector<Centre> CandidatesOf(const KeyedSample& sample, size_t d);
// Sum of w d^2 over the points to the nearest of `centres`, d^2 in float32. Of a sample it becomes the phi of the base
// times customers of the base / customers of the sample.
Int128 PotentialOf(const PointBlocks& points, const std::vector<Centre>& centres, int64_t gamma,
                   const Kernels& kernels);
// The weight of the customers nearest to each candidate. Partial sums of shards add up.
std::vector<Int128> CandidateWeights(const PointBlocks& points, const std::vector<Centre>& candidates, int64_t gamma,
                                     const Kernels& kernels);
// k centres of the weighted candidates. Precondition: there are candidates.
CentreSet ReduceCandidates(const std::vector<Centre>& candidates, std::span<const Int128> weights, int k, int64_t gamma,
                           uint64_t seed, const Kernels& kernels);

}  // namespace strata
