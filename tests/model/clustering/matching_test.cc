// Ids that persist: assignment against enumeration, the adjusted Rand index against counting pairs of customers, and
// stories of clusters that stay, vanish and appear.
#include "model/clustering/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace strata {
namespace {

using Costs = std::vector<std::vector<Int128>>;

Costs DrawnCosts(std::mt19937_64* random, size_t n, uint64_t range) {
  Costs cost(n, std::vector<Int128>(n));
  for (auto& row : cost) {
    for (Int128& cell : row) cell = static_cast<Int128>((*random)() % range) - static_cast<Int128>(range / 3);
  }
  return cost;
}

Int128 CostOf(const Costs& cost, const std::vector<int>& columns) {
  Int128 sum = 0;
  for (size_t row = 0; row < columns.size(); ++row) sum += cost[row][static_cast<size_t>(columns[row])];
  return sum;
}

Int128 LeastCost(const Costs& cost) {
  std::vector<int> columns(cost.size());
  std::iota(columns.begin(), columns.end(), 0);
  Int128 least = CostOf(cost, columns);
  while (std::next_permutation(columns.begin(), columns.end())) least = std::min(least, CostOf(cost, columns));
  return least;
}

TEST(OptimalAssignment, CostsWhatTheBestOfAllPermutationsCosts) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const size_t n = 1 + random() % 7;
    const Costs cost = DrawnCosts(&random, n, seed % 3 == 0 ? 4 : uint64_t{1} << 40);  // every third one full of ties
    const std::vector<int> columns = OptimalAssignment(cost);
    std::vector<int> sorted = columns;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(sorted[i], static_cast<int>(i));
    EXPECT_TRUE(CostOf(cost, columns) == LeastCost(cost));
  }
}

TEST(OptimalAssignment, HasNothingToAssignInAnEmptyTable) { EXPECT_TRUE(OptimalAssignment({}).empty()); }

// By the definition: pairs of customers that are together, in both, in one, in none.
double SlowAdjustedRand(const std::vector<int>& a, const std::vector<int>& b) {
  long double both = 0, in_a = 0, in_b = 0, pairs = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = i + 1; j < a.size(); ++j) {
      pairs += 1;
      in_a += a[i] == a[j] ? 1 : 0;
      in_b += b[i] == b[j] ? 1 : 0;
      both += a[i] == a[j] && b[i] == b[j] ? 1 : 0;
    }
  }
  const long double expected = in_a * in_b / pairs;
  return static_cast<double>((both - expected) / ((in_a + in_b) / 2 - expected));
}

TEST(AdjustedRand, IsThatOfAllPairsOfCustomers) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const size_t rows = 2 + random() % 5, columns = 2 + random() % 5, customers = 30 + random() % 100;
    std::vector<int> a, b;
    std::vector<int64_t> contingency(rows * columns, 0);
    for (size_t i = 0; i < customers; ++i) {
      a.push_back(static_cast<int>(random() % rows));
      b.push_back(random() % 3 == 0 ? static_cast<int>(random() % columns) : a.back() % static_cast<int>(columns));
      ++contingency[static_cast<size_t>(a.back()) * columns + static_cast<size_t>(b.back())];
    }
    EXPECT_NEAR(AdjustedRand(contingency, rows, columns), SlowAdjustedRand(a, b), 1e-12);
  }
}

TEST(AdjustedRand, IsOneWhereNothingCouldDisagree) {
  EXPECT_EQ(AdjustedRand({}, 0, 0), 1);
  EXPECT_EQ(AdjustedRand(std::vector<int64_t>{7}, 1, 1), 1);
  EXPECT_EQ(AdjustedRand(std::vector<int64_t>{1, 0, 0, 1}, 2, 2), 1);
  EXPECT_EQ(AdjustedRand(std::vector<int64_t>{0, 0, 0, 0}, 2, 2), 1);
}

TEST(AdjustedRand, DoesNotOverflowWithTwoThousandMillionCustomers) {
  const int64_t quarter = (int64_t{1} << 29) - 1;
  EXPECT_NEAR(AdjustedRand(std::vector<int64_t>{quarter, quarter, quarter, quarter}, 2, 2), 0, 1e-8);
  EXPECT_EQ(AdjustedRand(std::vector<int64_t>{2 * quarter, 0, 0, 2 * quarter}, 2, 2), 1);
}

// --- Stories
// -------------------------------------------------------------------------------------------------------------

// `overlap` has the clusters of both nights; row and column of nobody are added.
MatchInput Nights(std::vector<int> last_ids, int last_id, const std::vector<std::vector<int64_t>>& overlap,
                  int64_t lost = 0) {
  MatchInput input;
  input.last_ids = std::move(last_ids);
  input.last_id = last_id;
  input.clusters = overlap.front().size();
  input.contingency.assign(1 + input.clusters, 0);
  for (const std::vector<int64_t>& row : overlap) {
    input.contingency.push_back(lost);
    input.contingency.insert(input.contingency.end(), row.begin(), row.end());
  }
  input.squared_distance.assign(input.last_ids.size(), std::vector<int64_t>(input.clusters, 4096 * 4096));
  return input;
}

TEST(Matching, KeepsTheIdsWhateverTheOrderOfTheClusters) {
  const Matching matching = MatchClusters(Nights({1, 2, 3}, 3, {{2, 90, 8}, {0, 10, 190}, {55, 0, 5}}));
  EXPECT_EQ(matching.id, (std::vector<int>{3, 1, 2}));
  EXPECT_TRUE(matching.appeared.empty());
  EXPECT_TRUE(matching.vanished.empty());
  EXPECT_EQ(matching.last_id, 3);
  EXPECT_EQ(matching.common, 360);
  EXPECT_DOUBLE_EQ(matching.overlap[0], 55.0 / (57 + 60 - 55));
  EXPECT_DOUBLE_EQ(matching.shift[0], 1);  // 4,096 units of 2^-12
}

TEST(Matching, PrefersTheBestSumToTheGreatestOverlap) {
  // Greedily 1 would take the second cluster (0.5), and 2 be left with nothing.
  const Matching matching = MatchClusters(Nights({1, 2}, 2, {{48, 52}, {0, 48}}));
  EXPECT_EQ(matching.id, (std::vector<int>{1, 2}));
}

TEST(Matching, UndoesPairsBelowThreeTenths) {
  // 30 of 100 and 29 of 100: one just a pair, the other just not one.
  const Matching matching = MatchClusters(Nights({4, 7}, 9, {{30, 0}, {0, 29}}, 70));
  EXPECT_EQ(matching.id[0], 4);  // 30 / (30 + 70)
  EXPECT_EQ(matching.id[1], 10);
  EXPECT_EQ(matching.vanished, std::vector<int>{7});
  EXPECT_EQ(matching.appeared, std::vector<int>{10});
  EXPECT_EQ(matching.last_id, 10);
}

// All customers of one changed to the other's centre: by members they would change names.
TEST(Matching, KeptClustersAreWhatTheyWereWhoeverIsInThem) {
  MatchInput input;
  input.last_ids = {3, 5};
  input.last_id = 6;
  input.clusters = 2;
  input.contingency = {0, 0, 0, 0, 1, 90, 0, 80, 1};
  input.squared_distance = {{4, 9}, {9, 4}};  // as rounding leaves it
  EXPECT_EQ(MatchClusters(input).id, (std::vector<int>{5, 3}));
  input.kept = {0, 1};
  const Matching kept = MatchClusters(input);
  EXPECT_EQ(kept.id, (std::vector<int>{3, 5}));
  EXPECT_EQ(kept.shift, (std::vector<double>{0, 0}));
  EXPECT_EQ(kept.overlap, (std::vector<double>{1.0 / 171, 1.0 / 171}));
  EXPECT_TRUE(kept.vanished.empty() && kept.appeared.empty());
  EXPECT_EQ(kept.last_id, 6);
  EXPECT_FALSE(kept.by_centres);
  input.contingency = {0, 90, 81, 90, 0, 0, 81, 0, 0};  // nobody of the last night is known
  const Matching unknown = MatchClusters(input);
  EXPECT_TRUE(unknown.by_centres);
  EXPECT_EQ(unknown.id, (std::vector<int>{3, 5}));
  EXPECT_EQ(unknown.overlap, (std::vector<double>{0, 0}));
  EXPECT_TRUE(unknown.vanished.empty() && unknown.appeared.empty());
}

TEST(Matching, NeverGivesAnIdTwice) {
  Matching first = MatchClusters(Nights({1, 2, 3}, 3, {{100, 0}, {0, 100}, {0, 0}}));
  EXPECT_EQ(first.vanished, std::vector<int>{3});
  const Matching second = MatchClusters(Nights({1, 2}, first.last_id, {{100, 0, 0}, {0, 100, 0}}));
  EXPECT_EQ(second.id, (std::vector<int>{1, 2, 4}));
}

TEST(Matching, TellsEqualOverlapsApartByTheCentres) {
  MatchInput input = Nights({1, 2}, 2, {{50, 50}, {50, 50}});
  input.squared_distance = {{900, 100}, {100, 900}};
  EXPECT_EQ(MatchClusters(input).id, (std::vector<int>{2, 1}));
  input.squared_distance = {{100, 900}, {900, 100}};
  EXPECT_EQ(MatchClusters(input).id, (std::vector<int>{1, 2}));
}

TEST(Matching, GoesByCentresWhereHardlyAnybodyIsCommon) {
  MatchInput input;
  input.last_ids = {5, 6};
  input.last_id = 6;
  input.clusters = 2;
  input.squared_distance = {{500, 90}, {2000, 101}};
  input.near_square = 100;
  const Matching matching = MatchClusters(input);
  EXPECT_TRUE(matching.by_centres);
  EXPECT_EQ(matching.id, (std::vector<int>{7, 8}));  // {0, 1} costs least with 601, and neither is near
  input.squared_distance = {{500, 90}, {100, 101}};
  EXPECT_EQ(MatchClusters(input).id, (std::vector<int>{6, 5}));
}

TEST(Matching, IsFromOneWithoutALastNight) {
  MatchInput input;
  input.clusters = 3;
  const Matching matching = MatchClusters(input);
  EXPECT_EQ(matching.id, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(matching.last_id, 3);
}

}  // namespace
}  // namespace strata
