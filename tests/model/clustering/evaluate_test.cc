// Evaluations against the slowest way; with a cache, over shards, trimmed by brackets: always the same bits.
#include "model/clustering/evaluate.h"

#include <gtest/gtest.h>

#include <random>

#include "model/clustering/lloyd_run.h"
#include "tests/model/clustering/drawn_points.h"

namespace strata {
namespace {

DrawnPoints::Shape ShapeOf(uint64_t seed) {
  return {.n = 1 + seed * 97 % 3000,
          .d = seed % 7,
          .categories = seed % 7 == 0 ? 2 : seed % 3,
          .range = seed % 4 == 0 ? 2 : 900,
          .weighted = seed % 5 == 0};
}

CentreSet SomeCentres(const DrawnPoints& points, size_t k, std::mt19937_64* random) {
  std::vector<Centre> centres;
  for (size_t c = 0; c < k; ++c) {
    centres.push_back(points.point((*random)() % points.shape.n));
    for (int32_t& coordinate : centres.back().q) coordinate += static_cast<int32_t>((*random)() % 5) - 2;
  }
  return CentreSet(std::move(centres), points.shape.categories > 0 ? 2 * points.shape.range : 0);
}

// The same sums: the slow one knows no levels that nobody has.
void ExpectSame(const ClusterSums& made, const ClusterSums& slow) {
  EXPECT_EQ(made.count, slow.count);
  EXPECT_TRUE(made.weight == slow.weight);
  EXPECT_TRUE(made.sums == slow.sums);
  EXPECT_TRUE(made.squares == slow.squares);
  for (size_t i = 0; i < slow.levels.size(); ++i) {
    for (size_t level = 0; level < made.levels[i].size(); ++level) {
      EXPECT_EQ(made.levels[i][level], level < slow.levels[i].size() ? slow.levels[i][level] : 0);
    }
  }
}

TEST(Evaluate, EqualsTheSlowestWayWithAnyKernels) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const DrawnPoints points(seed, ShapeOf(seed));
    const CentreSet centres = SomeCentres(points, 1 + seed % 9, &random);
    const SlowEvaluation slow(points, centres);
    for (const Kernels* kernels : AvailableKernels()) {
      const PointBlocks blocks = points.Blocks();
      ExpectSame(Evaluate(blocks, {.centres = centres}, *kernels).sums, slow.sums);
      EXPECT_EQ(LabelsOf(blocks, centres, *kernels), slow.labels);
      EXPECT_EQ(DistancesOf(blocks, centres, slow.labels, *kernels), slow.distances);
    }
    EXPECT_TRUE(slow.sums.Inertia(centres) == slow.inertia);
  }
}

TEST(Evaluate, ACacheChangesNoBit) {
  size_t pruned = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const DrawnPoints points(seed, ShapeOf(seed));
    const PointBlocks blocks = points.Blocks();
    RunCache cache;
    CentreSet centres = SomeCentres(points, 2 + seed % 9, &random);
    for (int step = 0; step < 12; ++step) {
      const EvaluationRequest request = {.centres = centres,
                                         .farthest_wanted = static_cast<uint32_t>(random() % 3 == 0 ? 4 : 0)};
      const Evaluation with = Evaluate(blocks, request, WidestKernels(), &cache);
      ASSERT_TRUE(with == Evaluate(blocks, request, WidestKernels()));
      pruned += cache.best.empty() ? 0 : 1;
      // Few centres move, or none, or all of them, or their number changes.
      std::vector<Centre> moved = centres.centres();
      const uint64_t how = random() % 8;
      if (how == 0) moved.pop_back();
      if (how == 1) moved.push_back(points.point(0));
      for (Centre& centre : moved) {
        if (random() % (how < 3 ? 1 : how) == 0) centre = points.point(random() % points.shape.n);
      }
      if (moved.empty()) break;
      centres = CentreSet(std::move(moved), centres.gamma());
    }
  }
  EXPECT_GT(pruned, 50u);
}

// Runs of other numbers of centres, one of which trims now and then, beside one another.
TEST(Evaluate, SeveralRunsInOnePassAreEachThemselves) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    DrawnPoints::Shape shape = ShapeOf(seed);
    shape.n += seed % 3 == 0 ? 70'000 : 0;  // more than one thread's share
    const DrawnPoints points(seed, shape);
    const PointBlocks blocks = points.Blocks();
    std::vector<RunCache> caches(3);
    const std::vector<RunCache*> places = {&caches[0], nullptr, &caches[2]};
    for (int step = 0; step < 4; ++step) {
      std::vector<EvaluationRequest> requests;
      for (size_t run = 0; run < 3; ++run) {
        requests.push_back({.centres = SomeCentres(points, 2 + run * 3, &random),
                            .farthest_wanted = static_cast<uint32_t>(random() % 2)});
      }
      if (step % 2 == 1) requests[2].bracket = TrimBracket{.low = TrimKey(1000, 0)};
      const std::vector<Evaluation> made = EvaluateAll(blocks, requests, WidestKernels(), places);
      ASSERT_EQ(made.size(), 3u);
      for (size_t run = 0; run < 3; ++run) {
        ASSERT_TRUE(made[run] == Evaluate(blocks, requests[run], WidestKernels())) << "run " << run;
      }
    }
  }
}

TEST(Evaluate, ShardsAddUpAndTravel) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const DrawnPoints points(seed, ShapeOf(seed));
    EvaluationRequest request = {.centres = SomeCentres(points, 1 + seed % 6, &random), .farthest_wanted = 5};
    if (seed % 2 == 0) request.bracket = TrimBracket{.low = TrimKey(points.shape.range, 0), .octaves = seed % 4 == 0};
    ByteWriter asked;
    request.Encode(&asked);
    ByteReader reader(asked.bytes());
    ASSERT_TRUE(EvaluationRequest::Decode(&reader) == request);
    ASSERT_TRUE(reader.Finish("request").ok());
    const Evaluation whole = Evaluate(points.Blocks(), request, WidestKernels());
    const size_t shards = 1 + seed % 5;
    Evaluation merged;
    for (size_t number = shards; number-- > 0;) {
      ByteWriter writer;
      Evaluate(points.Shard(number, shards), request, PlainKernels()).Encode(&writer);
      ByteReader partial(writer.bytes());
      merged.Merge(Evaluation::Decode(&partial));
      ASSERT_TRUE(partial.Finish("partial").ok());
    }
    // A shard may lack the last level of a category.
    EXPECT_TRUE(merged == whole);
  }
}

// So many points are kept in 16 bits if all fit; those of a shard are not, nor with one point beyond.
TEST(Evaluate, HowPointsAreKeptChangesNoBit) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    DrawnPoints points(seed, {.n = 66'000, .d = 1 + seed, .categories = seed % 2, .range = 32'767});
    const CentreSet centres = SomeCentres(points, 7, &random);
    const EvaluationRequest request = {.centres = centres, .farthest_wanted = 3};
    for (const bool fits : {true, false}) {
      if (!fits) points.q[100] = 32'768;
      const PointBlocks whole = points.Blocks();
      EXPECT_EQ(whole.bytes() < 66'000 * (8 + points.shape.categories + 3 * points.shape.d), fits);
      for (const Kernels* kernels : AvailableKernels()) {
        Evaluation merged;
        for (size_t number = 0; number < 3; ++number) {
          merged.Merge(Evaluate(points.Shard(number, 3), request, *kernels));
        }
        ASSERT_TRUE(Evaluate(whole, request, *kernels) == merged);
      }
      for (const size_t i : {0, 100, 65'999}) EXPECT_EQ(whole.point(i), points.point(i));
      const std::vector<uint8_t> labels = LabelsOf(whole, centres, WidestKernels());
      EXPECT_EQ(labels, SlowEvaluation(points, centres).labels);
    }
  }
}

TEST(Trimming, InMemorySetsTheFarthestAside) {
  for (uint64_t seed = 1; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const DrawnPoints points(seed, ShapeOf(seed));
    const CentreSet centres = SomeCentres(points, 1 + seed % 6, &random);
    const int64_t trim = 1 + static_cast<int64_t>(points.shape.n / 10);
    const SlowEvaluation slow(points, centres, trim);
    const TrimmedEvaluation made = EvaluateTrimmed(points.Blocks(), centres, 0, trim, WidestKernels());
    EXPECT_EQ(made.labels, slow.labels);
    ExpectSame(made.kept.sums, slow.sums);
  }
}

// One run over shards by brackets.
TEST(Trimming, BracketsOverShardsEqualASortOfAllDistances) {
  int narrowed = 0;
  for (uint64_t seed = 1; seed < 9; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    DrawnPoints::Shape shape = ShapeOf(seed);
    shape.n = seed % 2 == 0 ? 2'000 : 60'000;
    // Of few distinct points, many are equally far: the hash decides.
    if (seed % 4 == 1) shape = {.n = shape.n, .d = 1, .categories = 0, .range = 3, .weighted = false};
    const DrawnPoints points(seed, shape);
    const int64_t trim = static_cast<int64_t>(shape.n) / 20;
    LloydRun run({.k = 3, .iterations_max = 6, .trim = trim, .customers = static_cast<int64_t>(shape.n)},
                 SomeCentres(points, 3, &random));
    std::vector<PointBlocks> shards;
    for (size_t number = 0; number < 3; ++number) shards.push_back(points.Shard(number, 3));
    std::vector<RunCache> caches(3);
    int rounds = 0;
    while (!run.done()) {
      Evaluation merged;
      for (size_t number = 0; number < 3; ++number) {
        merged.Merge(Evaluate(shards[number], run.next(), WidestKernels(), &caches[number]));
      }
      const absl::Status status = run.Absorb(merged);
      ASSERT_TRUE(status.ok()) << status;
      ASSERT_LT(++rounds, 60);
    }
    narrowed += rounds > run.iterations() + 1 ? 1 : 0;
    const SlowEvaluation slow(points, run.centres(), trim);
    ExpectSame(run.sums(), slow.sums);
    EXPECT_TRUE(run.inertia() == slow.inertia);
    for (size_t i = 0; i < shape.n; ++i) {
      const TrimThreshold key = {slow.distances[i], points.hash[i]};
      ASSERT_EQ(key > run.threshold(), slow.labels[i] == kNoSlot);
    }
  }
  EXPECT_GT(narrowed, 2);
}

TEST(TrimBracket, BinsTileIt) {
  for (const bool octaves : {true, false}) {
    for (const TrimBracket& bracket : {TrimBracket{.low = 0, .high = UInt128{1} << 120, .octaves = octaves},
                                       TrimBracket{.low = 1000, .high = 1001, .octaves = octaves},
                                       TrimBracket{.low = TrimKey(77, 5), .high = TrimKey(78, 900), .octaves = octaves},
                                       TrimBracket{.low = 12345, .high = 12345 + 4097, .octaves = octaves}}) {
      ASSERT_LE(bracket.bins(), size_t{8192});
      EXPECT_TRUE(bracket.BinBegin(0) == bracket.low);
      EXPECT_TRUE(bracket.BinBegin(bracket.bins()) == bracket.high);
      for (size_t bin = 0; bin < bracket.bins(); ++bin) {
        ASSERT_LT(bracket.BinBegin(bin), bracket.BinBegin(bin + 1));
        ASSERT_EQ(bracket.BinOf(bracket.BinBegin(bin)), bin);
        ASSERT_EQ(bracket.BinOf(bracket.BinBegin(bin + 1) - 1), bin);
      }
    }
  }
}

}  // namespace
}  // namespace strata
