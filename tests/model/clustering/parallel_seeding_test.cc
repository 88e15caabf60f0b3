// k-means|| over shards: the same candidates and weights for any split, and good starts.
#include "model/clustering/parallel_seeding.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/model/clustering/drawn_points.h"

namespace strata {
namespace {

DrawnPoints Drawn(uint64_t seed) {
  return DrawnPoints(seed, {.n = 4000,
                            .d = 1 + seed % 4,
                            .categories = seed % 3,
                            .range = seed % 5 == 0 ? 4 : 20'000,
                            .weighted = seed % 2 == 0});
}

// All rounds over a split into shards.
std::vector<Centre> Candidates(const DrawnPoints& points, uint64_t seed, size_t shards, const Kernels& kernels) {
  const PointBlocks whole = points.Blocks();
  OversampleRequest request = {.centres = {points.point(0)}, .gamma = 100, .k = 8, .seed = seed};
  for (uint32_t round = 0; round < kOversampleRounds; ++round) {
    request.round = round;
    request.phi = PotentialOf(whole, request.centres, request.gamma, kernels);
    ByteWriter writer;
    request.Encode(&writer);
    ByteReader reader(writer.bytes());
    EXPECT_TRUE(OversampleRequest::Decode(&reader) == request);
    KeyedSample merged;
    for (size_t number = 0; number < shards; ++number) {
      merged.Merge(Oversample(points.Shard(number, shards), request, kernels));
    }
    const std::vector<Centre> joined = CandidatesOf(merged, points.shape.d);
    request.centres.insert(request.centres.end(), joined.begin(), joined.end());
  }
  return request.centres;
}

TEST(ParallelSeeding, AnySplitGivesTheSameCandidatesAndWeights) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const DrawnPoints points = Drawn(seed);
    const std::vector<Centre> candidates = Candidates(points, seed, 1, WidestKernels());
    // kOversampling k are expected a round; of few distinct points all may be candidates.
    EXPECT_GT(candidates.size(), 5u);
    EXPECT_LT(candidates.size(), 200u);
    ASSERT_EQ(Candidates(points, seed, 5, PlainKernels()), candidates);
    const std::vector<Int128> whole = CandidateWeights(points.Blocks(), candidates, 100, WidestKernels());
    std::vector<Int128> added(candidates.size(), 0);
    for (size_t number = 0; number < 3; ++number) {
      const auto part = CandidateWeights(points.Shard(number, 3), candidates, 100, PlainKernels());
      for (size_t i = 0; i < part.size(); ++i) added[i] += part[i];
    }
    EXPECT_TRUE(added == whole);
    Int128 sum = 0;
    for (const Int128 weight : whole) sum += weight;
    EXPECT_TRUE(sum == points.Blocks().total_weight());
  }
}

TEST(ParallelSeeding, ManyCandidatesAreWeighedInGroups) {
  const DrawnPoints points(3, {.n = 2000, .d = 2, .range = 5000});
  std::vector<Centre> candidates;
  for (size_t i = 0; i < 700; ++i) candidates.push_back(points.point(i));
  std::vector<Int128> expected(candidates.size(), 0);
  for (size_t i = 0; i < points.shape.n; ++i) {
    size_t nearest = 0;
    for (size_t c = 1; c < candidates.size(); ++c) {
      if (SquaredDistance(points.point(i), candidates[c], 0) <
          SquaredDistance(points.point(i), candidates[nearest], 0)) {
        nearest = c;
      }
    }
    ++expected[nearest];
  }
  EXPECT_TRUE(CandidateWeights(points.Blocks(), candidates, 0, WidestKernels()) == expected);
}

TEST(ParallelSeeding, StartsAsWellAsASearchOfAllPoints) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const DrawnPoints points(seed, {.n = 6000, .d = 3, .range = 9000});
    const PointBlocks whole = points.Blocks();
    const std::vector<Centre> candidates = Candidates(points, seed, 4, WidestKernels());
    const CentreSet start = ReduceCandidates(candidates, CandidateWeights(whole, candidates, 0, WidestKernels()), 8, 0,
                                             seed, WidestKernels());
    ASSERT_EQ(start.size(), 8u);
    const Solution from = SolveFrom(whole, {.k = 8}, start, WidestKernels());
    SolveOptions options;
    options.lloyd.k = 8;
    const Solution best = SolveInMemory(whole, options, WidestKernels()).front();
    EXPECT_LT(from.inertia, best.inertia * 110 / 100);
  }
}

}  // namespace
}  // namespace strata
