// Quantiles by refinement over rounds equal those of sorting, whatever the values and however they are sharded; and the
// moments beside them equal sums in long double.
#include "model/statistics/exact_quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "model/statistics/exact_moments.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

struct Outcome {
  std::vector<int64_t> values;
  std::vector<QuantilePlace> places;
  int rounds = 0;
};

Outcome Quantiles(const std::vector<QuantileTarget>& targets, const std::vector<std::vector<int64_t>>& shards) {
  ExactQuantiles quantiles(targets);
  Outcome outcome;
  while (auto request = quantiles.Next()) {
    QuantilePartial merged;
    for (const auto& shard : shards) merged.Merge(CountValues(*request, shard));
    EXPECT_TRUE(quantiles.Absorb(merged).ok());
    ++outcome.rounds;
  }
  outcome.values = quantiles.values();
  outcome.places = quantiles.places();
  return outcome;
}

// The definition: the smallest value v with count(values <= v) >= max(1, ceil(n numerator / denominator)).
std::vector<int64_t> BySorting(const std::vector<QuantileTarget>& targets, std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  std::vector<int64_t> result;
  for (const QuantileTarget& target : targets) {
    const int64_t n = static_cast<int64_t>(values.size());
    const int64_t rank = std::max<int64_t>(1, (n * target.numerator + target.denominator - 1) / target.denominator);
    result.push_back(values[static_cast<size_t>(rank - 1)]);
  }
  return result;
}

int64_t Draw(int kind, std::mt19937_64* random) {
  switch (kind) {
    case 0:
      return static_cast<int64_t>((*random)());  // the whole range
    case 1:
      return static_cast<int64_t>((*random)() % 5);  // many ties
    case 2:
      return static_cast<int64_t>((*random)() % 90'000'000'000) - 40'000'000'000;  // money
    case 3:
      return (*random)() % 2 == 0 ? kLeast : kGreatest;  // the ends
    default:
      return kGreatest - static_cast<int64_t>((*random)() % 100000);  // next to an end
  }
}

TEST(ExactQuantiles, EqualSortingForAnyValuesAndShards) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<std::vector<int64_t>> shards(1 + random() % 5);
    std::vector<int64_t> all;
    const size_t count = 1 + random() % (seed % 20 == 0 ? 60000 : 300);  // the large ones count densely
    for (size_t i = 0; i < count; ++i) {
      const int64_t value = Draw(static_cast<int>(seed % 5), &random);
      shards[random() % shards.size()].push_back(value);
      all.push_back(value);
    }
    std::vector<QuantileTarget> targets;
    for (size_t i = 0; i < 1 + random() % 12; ++i) {
      const int64_t denominator = 1 + static_cast<int64_t>(random() % 20);
      targets.push_back({static_cast<int64_t>(random() % static_cast<uint64_t>(denominator + 1)), denominator});
    }
    targets.push_back(targets.front());  // duplicates are fine
    const Outcome outcome = Quantiles(targets, shards);
    EXPECT_EQ(outcome.values, BySorting(targets, all));
    ASSERT_EQ(outcome.places.size(), targets.size());
    for (size_t t = 0; t < targets.size(); ++t) {
      const int64_t value = outcome.values[t];
      EXPECT_EQ(outcome.places[t].below, std::count_if(all.begin(), all.end(), [&](int64_t v) { return v < value; }));
      EXPECT_EQ(outcome.places[t].equal, std::count(all.begin(), all.end(), value));
    }
    EXPECT_LE(outcome.rounds, 5);
  }
}

TEST(ExactQuantiles, ANarrowRangeTakesTwoRounds) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 65536; ++i) values.push_back(i - 30000);
  EXPECT_EQ(Quantiles({{1, 2}}, {values}).rounds, 2);
}

TEST(ExactQuantiles, NoValuesGiveNoQuantiles) {
  const Outcome outcome = Quantiles({{1, 2}}, {{}, {}});
  EXPECT_TRUE(outcome.values.empty());
  EXPECT_EQ(outcome.rounds, 1);
}

TEST(ExactQuantiles, PartialsOfSmallShardsAreSmall) {
  ExactQuantiles quantiles({{1, 5}, {2, 5}, {3, 5}, {4, 5}});
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 100; ++i) values.push_back(i * 1'000'000'007);
  ASSERT_TRUE(quantiles.Absorb(CountValues(*quantiles.Next(), values)).ok());
  ByteWriter writer;
  CountValues(*quantiles.Next(), values).Encode(&writer);
  EXPECT_LT(writer.bytes().size(), 100 * 12 + 64);
}

TEST(ExactQuantiles, RefuseAPartialOfAnotherRound) {
  ExactQuantiles quantiles({{1, 2}});
  const std::vector<int64_t> values = {1, 2, 3};
  const QuantilePartial bounds = CountValues(*quantiles.Next(), values);
  ASSERT_TRUE(quantiles.Absorb(bounds).ok());
  EXPECT_EQ(quantiles.Absorb(bounds).code(), absl::StatusCode::kInternal);
}

TEST(ExactMoments, EqualLongDoubleSums) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    // Far from zero and close together: the case in which a sum of squares in doubles loses everything.
    const int64_t centre = seed % 2 == 0 ? 0 : (int64_t{1} << 45);
    ExactMoments moments;
    std::vector<int64_t> values;
    for (size_t i = 0; i < 1000; ++i) {
      values.push_back(centre + static_cast<int64_t>(random() % 2000));
      moments.Add(values.back());
    }
    long double sum = 0;
    for (const int64_t value : values) sum += static_cast<long double>(value - centre);
    const long double mean = sum / 1000;
    long double squares = 0;
    for (const int64_t value : values) {
      const long double difference = static_cast<long double>(value - centre) - mean;
      squares += difference * difference;
    }
    EXPECT_NEAR(moments.Mean(), static_cast<double>(static_cast<long double>(centre) + mean), 0.005);
    EXPECT_NEAR(moments.Deviation(), static_cast<double>(std::sqrt(squares / 1000)), 1e-9);
  }
}

TEST(ExactMoments, EqualValuesHaveNoDeviation) {
  ExactMoments moments;
  for (int i = 0; i < 7; ++i) moments.Add(123456789);
  EXPECT_EQ(moments.Mean(), 123456789);
  EXPECT_EQ(moments.Deviation(), 0);
}

TEST(RoundedQuotient, RoundsToTheNearestAndHalvesToEven) {
  EXPECT_EQ(RoundedQuotient(7, 2), 4);
  EXPECT_EQ(RoundedQuotient(5, 2), 2);
  EXPECT_EQ(RoundedQuotient(-5, 2), -2);
  EXPECT_EQ(RoundedQuotient(-7, 2), -4);
  EXPECT_EQ(RoundedQuotient(10, 3), 3);
  EXPECT_EQ(RoundedQuotient(-10, 3), -3);
  EXPECT_EQ(RoundedQuotient(11, 3), 4);
  EXPECT_EQ(RoundedQuotient(0, 9), 0);
}

}  // namespace
}  // namespace strata
