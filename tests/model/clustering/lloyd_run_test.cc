// Lloyd's algorithm and whole fits in memory: against a slow one, and where clusters run empty.
#include "model/clustering/lloyd_run.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "model/clustering/exchanges.h"
#include "model/clustering/seeding.h"
#include "tests/model/clustering/drawn_points.h"

namespace strata {
namespace {

// The obvious way; nullopt when a cluster runs empty.
std::optional<SlowEvaluation> SlowLloyd(const DrawnPoints& points, CentreSet* centres, int64_t trim) {
  std::optional<SlowEvaluation> last;
  while (true) {
    SlowEvaluation now(points, *centres, trim);
    std::vector<Centre> means;
    for (size_t slot = 0; slot < centres->size(); ++slot) {
      if (now.sums.weight[slot] == 0) return std::nullopt;
      means.push_back(now.sums.MeanOf(slot));
    }
    if (means == centres->centres()) return now;
    if (last.has_value() && now.inertia >= last->inertia) return last;  // a cycle of roundings
    last = std::move(now);
    *centres = CentreSet(std::move(means), centres->gamma());
  }
}

TEST(LloydRun, EqualsASlowOne) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 80; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const DrawnPoints points(seed, {.n = 300 + seed * 7,
                                    .d = 1 + seed % 5,
                                    .categories = seed % 3,
                                    .range = seed % 4 == 0 ? 3 : 900,
                                    .weighted = seed % 5 == 0});
    const int64_t trim = seed % 2 == 0 ? 0 : 20;
    std::vector<Centre> start;
    for (size_t c = 0; c < 2 + seed % 5; ++c) start.push_back(points.point(c));
    CentreSet slow_centres(start, 500);
    const auto slow = SlowLloyd(points, &slow_centres, trim);
    if (!slow.has_value()) continue;
    const int k = static_cast<int>(start.size());
    const Solution made = SolveFrom(points.Blocks(), {.k = k, .iterations_max = 500, .trim = trim},
                                    CentreSet(std::move(start), 500), WidestKernels());
    EXPECT_TRUE(made.converged);
    EXPECT_TRUE(made.inertia == slow->inertia);
    EXPECT_TRUE(made.inertia == made.sums.Inertia(made.centres));
    ++compared;
  }
  EXPECT_GT(compared, 50);
}

PointBlocks OnAxis(const std::vector<int32_t>& x) {
  return PointBlocks::OfGrid(1, 0, x, {}, std::vector<uint64_t>(x.begin(), x.end()));
}

CentreSet CentresOnAxis(const std::vector<int32_t>& x) {
  std::vector<Centre> centres;
  for (const int32_t coordinate : x) centres.push_back({{coordinate}, {}});
  return CentreSet(std::move(centres));
}

TEST(LloydRun, AnEmptyClusterMovesToTheFarthestPoint) {
  const Solution made = SolveFrom(OnAxis({0, 1, 10}), {.k = 2}, CentresOnAxis({3, 1000}), WidestKernels());
  EXPECT_TRUE(made.converged);
  EXPECT_EQ(made.centres, CentresOnAxis({0, 10}));  // 0.5 rounds to even
  EXPECT_EQ(made.labels, (std::vector<uint8_t>{0, 0, 1}));
}

TEST(LloydRun, AStartWithTooFewCentresIsFilledUp) {
  const Solution made = SolveFrom(OnAxis({0, 100, 200, 300}), {.k = 4}, CentresOnAxis({0}), WidestKernels());
  EXPECT_EQ(made.centres, CentresOnAxis({0, 100, 200, 300}));
  EXPECT_TRUE(made.inertia == 0);
}

TEST(LloydRun, FewerDistinctPointsThanClustersReduceTheNumber) {
  std::vector<int32_t> x;
  for (int i = 0; i < 30; ++i) x.push_back(i % 3 * 50);
  for (const int k : {3, 5, 30, 64}) {
    const Solution made = SolveFrom(OnAxis(x), {.k = k}, CentresOnAxis({10}), WidestKernels());
    EXPECT_TRUE(made.converged);
    EXPECT_EQ(made.centres, CentresOnAxis({0, 50, 100}));
    EXPECT_EQ(made.sums.count, (std::vector<int64_t>{10, 10, 10}));
  }
}

TEST(LloydRun, StopsAtTheLimitWithSumsOfTheCentresThatItReports) {
  const DrawnPoints points(4, {.n = 500, .d = 3});
  std::vector<Centre> start = {points.point(0), points.point(1), points.point(2)};
  const Solution made = SolveFrom(points.Blocks(), {.k = 3, .iterations_max = 1}, CentreSet(start), WidestKernels());
  EXPECT_FALSE(made.converged);
  EXPECT_EQ(made.iterations, 1);
  EXPECT_EQ(made.centres, CentreSet(start).Sorted());
  EXPECT_EQ(made.labels, SlowEvaluation(points, made.centres).labels);
}

TEST(LloydRun, AToleranceEndsItEarlier) {
  const DrawnPoints points(5, {.n = 3000, .d = 4});
  std::vector<Centre> start;
  for (size_t c = 0; c < 8; ++c) start.push_back(points.point(c));
  const auto run = [&](int64_t tolerance) {
    return SolveFrom(points.Blocks(), {.k = 8, .iterations_max = 1000, .tolerance = tolerance}, CentreSet(start),
                     WidestKernels());
  };
  const Solution exact = run(0);
  const Solution rough = run(10'000);
  EXPECT_TRUE(rough.converged);
  EXPECT_LT(rough.iterations, exact.iterations);
  EXPECT_LT(rough.inertia, exact.inertia * 110 / 100);
}

TEST(LloydRun, RefusesEvaluationsOfOtherCentres) {
  LloydRun run({.k = 2}, CentresOnAxis({0, 5}));
  EXPECT_EQ(run.Absorb({.sums = ClusterSums(3, 1, {}), .farthest = {}, .trim = {}}).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(run.Absorb({.sums = ClusterSums(2, 1, {}), .farthest = {}, .trim = {}}).code(), absl::StatusCode::kInternal)
      << "no points at all";
}

// Blobs at the corners of a square, two of them small.
PointBlocks Blobs(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<int32_t> q;
  std::vector<uint64_t> hash;
  for (int i = 0; i < 2000; ++i) {
    const int blob = i % 50 == 0 ? i / 50 % 2 : 2 + i % 6;
    q.push_back(blob % 4 * 10'000 + static_cast<int32_t>(random() % 1000));
    q.push_back(blob / 4 * 10'000 + static_cast<int32_t>(random() % 1000));
    hash.push_back(random());
  }
  return PointBlocks::OfGrid(2, 0, q, {}, hash);
}

TEST(SolveInMemory, FindsEveryBlobWithAnyKernels) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const PointBlocks points = Blobs(seed);
    SolveOptions options;
    options.lloyd.k = 8;
    options.seed = seed;
    const std::vector<Solution> solutions = SolveInMemory(points, options, WidestKernels());
    ASSERT_FALSE(solutions.empty());
    EXPECT_LT(solutions[0].inertia, Int128{2000} * 500 * 500);
    for (const Solution& solution : solutions) EXPECT_EQ(solution.sums.slots(), 8u);
    const std::vector<Solution> plain = SolveInMemory(points, options, PlainKernels());
    ASSERT_EQ(plain.size(), solutions.size());
    for (size_t s = 0; s < plain.size(); ++s) {
      EXPECT_EQ(plain[s].centres, solutions[s].centres);
      EXPECT_EQ(plain[s].labels, solutions[s].labels);
      EXPECT_GE(plain[s].inertia, plain[s == 0 ? 0 : s - 1].inertia);
    }
  }
}

TEST(SolveInMemory, HasAnAnswerForPointsOfAnyKind) {
  struct Case {
    const char* name;
    std::vector<int32_t> x;
    int k;
    std::vector<int32_t> centres;
  };
  const int32_t end = kCoordinateMax;
  for (const Case& c :
       {Case{"one customer", {7}, 3, {7}}, Case{"all equal", {5, 5, 5, 5}, 2, {5}}, Case{"k = 1", {1, 2, 6}, 1, {3}},
        Case{"k of the distinct", {1, 1, 9, 9}, 2, {1, 9}}, Case{"more than the distinct", {1, 1, 9, 9}, 12, {1, 9}},
        Case{"ends of the grid", {-end, -end, end, end}, 2, {-end, end}}}) {
    SolveOptions options;
    options.lloyd.k = c.k;
    const std::vector<Solution> solutions = SolveInMemory(OnAxis(c.x), options, WidestKernels());
    ASSERT_FALSE(solutions.empty()) << c.name;
    EXPECT_EQ(solutions[0].centres, CentresOnAxis(c.centres)) << c.name;
    EXPECT_TRUE(solutions[0].converged) << c.name;
  }
  EXPECT_TRUE(SolveInMemory(OnAxis({}), SolveOptions(), WidestKernels()).empty());
}

// Two centres share one blob and two blobs share one centre: Lloyd stays there.
TEST(Exchanges, LeaveAPoorOptimum) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<int32_t> x;
    for (int i = 0; i < 900; ++i) x.push_back(i % 3 * 100'000 + static_cast<int32_t>(random() % 2000));
    const PointBlocks points = OnAxis(x);
    const LloydOptions options = {.k = 3};
    const Solution poor = SolveFrom(points, options, CentresOnAxis({500, 1500, 150'000}), WidestKernels());
    const CentreSet exchanged = ImproveByExchanges(points, poor.centres, 6, seed, 0, WidestKernels());
    const Solution good = SolveFrom(points, options, exchanged, WidestKernels());
    EXPECT_LT(good.inertia * 1000, poor.inertia) << "seed " << seed;
    // There nothing is to be gained.
    EXPECT_EQ(ImproveByExchanges(points, good.centres, 20, seed, 0, PlainKernels()), good.centres);
  }
}

TEST(GreedyPlusPlus, DrawsDistinctPointsInProportionToWeight) {
  std::vector<int32_t> weights(100, 0);
  std::vector<int32_t> x(100);
  for (int32_t i = 0; i < 100; ++i) x[static_cast<size_t>(i)] = i * 10;
  weights[3] = 5;
  weights[70] = 1;
  const PointBlocks points = PointBlocks::OfGrid(1, 0, x, {}, std::vector<uint64_t>(100), weights);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<Centre> centres =
        GreedyPlusPlus(points, 10, seed, DrawPurpose::kClusteringSeeding, 0, 0, WidestKernels());
    EXPECT_EQ(CentreSet(centres).Sorted(), CentresOnAxis({30, 700})) << "customers without weight are nobody's start";
  }
}

}  // namespace
}  // namespace strata
