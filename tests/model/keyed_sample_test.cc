// A keyed sample is the lowest draws of all customers, however these are spread over shards.
#include "model/statistics/keyed_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

namespace strata {
namespace {

constexpr uint32_t kCapacity = 50;

using Row = std::tuple<uint64_t, uint64_t, int64_t, int64_t>;  // draw, hash, two values

std::vector<Row> RowsOf(const KeyedSample& sample, uint64_t seed) {
  std::vector<Row> rows;
  for (size_t i = 0; i < sample.size(); ++i) {
    const uint64_t draw = KeyedDraw(seed, DrawRound(DrawPurpose::kClusteringSample), sample.hash(i));
    rows.emplace_back(draw, sample.hash(i), sample.values(i)[0], sample.values(i)[1]);
  }
  return rows;
}

TEST(KeyedSample, IsTheLowestDrawsForAnySharding) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const size_t customers = random() % 600;
    std::vector<KeyedSampler> samplers;
    for (size_t i = 0; i < 1 + random() % 6; ++i) {
      samplers.emplace_back(seed, DrawPurpose::kClusteringSample, kCapacity, 2);
    }
    std::vector<Row> expected;
    for (size_t i = 0; i < customers; ++i) {
      const uint64_t hash = random() % 300;  // equal hashes with different content occur
      const std::vector<int64_t> values = {static_cast<int64_t>(random() % 3), -static_cast<int64_t>(i)};
      samplers[random() % samplers.size()].Add(hash, values);
      expected.emplace_back(KeyedDraw(seed, DrawRound(DrawPurpose::kClusteringSample), hash), hash, values[0],
                            values[1]);
    }
    std::sort(expected.begin(), expected.end());
    if (expected.size() > kCapacity) expected.resize(kCapacity);

    std::shuffle(samplers.begin(), samplers.end(), random);
    KeyedSample merged;
    for (KeyedSampler& sampler : samplers) merged.Merge(sampler.Take());
    EXPECT_EQ(RowsOf(merged, seed), expected);

    ByteWriter writer;
    merged.Encode(&writer);
    ByteReader reader(writer.bytes());
    EXPECT_EQ(KeyedSample::Decode(&reader), merged);
    EXPECT_TRUE(reader.Finish("a sample").ok());
  }
}

// Knowing how many customers there are in all spares the rows that have no chance, and changes nothing else.
TEST(KeyedSample, IsTheSameWhereTheNumberOfCustomersIsKnown) {
  constexpr uint64_t kCustomers = 20'000;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    KeyedSampler unknown(seed, DrawPurpose::kClusteringSample, kCapacity, 1);
    KeyedSampler known(seed, DrawPurpose::kClusteringSample, kCapacity, 1, kCustomers);
    uint64_t wanted = 0;
    for (uint64_t i = 0; i < kCustomers; ++i) {
      const std::vector<int64_t> values = {static_cast<int64_t>(i)};
      wanted += known.Wants(Mix(i)) ? 1 : 0;
      known.Add(Mix(i), values);
      unknown.Add(Mix(i), values);
    }
    EXPECT_LT(wanted, kCustomers / 20);
    EXPECT_EQ(known.Take(), unknown.Take());
  }
}

TEST(KeyedSample, WantsEveryCustomerThatEndsInIt) {
  KeyedSampler sampler(7, DrawPurpose::kClusteringSample, kCapacity, 1);
  const std::vector<int64_t> nothing = {0};
  for (uint64_t hash = 0; hash < 2000; ++hash) {
    if (sampler.Wants(hash)) sampler.Add(hash, nothing);
  }
  KeyedSampler all(7, DrawPurpose::kClusteringSample, kCapacity, 1);
  for (uint64_t hash = 0; hash < 2000; ++hash) all.Add(hash, nothing);
  EXPECT_EQ(sampler.Take(), all.Take());
}

TEST(KeyedSample, IsUniform) {
  // Each of 100 customers is among 50 of 100 with probability 1/2; over 400 seeds the count is 200 +- 10 (1 sigma).
  std::vector<int> chosen(100, 0);
  const std::vector<int64_t> nothing = {0};
  for (uint64_t seed = 0; seed < 400; ++seed) {
    KeyedSampler sampler(seed, DrawPurpose::kChurnHoldoutSample, kCapacity, 1);
    for (uint64_t hash = 0; hash < 100; ++hash) sampler.Add(hash, nothing);
    const KeyedSample sample = sampler.Take();
    for (size_t i = 0; i < sample.size(); ++i) ++chosen[sample.hash(i)];
  }
  EXPECT_GT(*std::min_element(chosen.begin(), chosen.end()), 150);
  EXPECT_LT(*std::max_element(chosen.begin(), chosen.end()), 250);
}

}  // namespace
}  // namespace strata
