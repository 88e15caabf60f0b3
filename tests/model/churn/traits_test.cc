// Effect sizes: worked by hand, by pairs of customers, and the same however customers are divided.
#include "model/churn/traits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/column_type.h"

namespace strata {
namespace {

template <typename Trait>
Trait Travelled(const Trait& trait) {
  ByteWriter writer;
  trait.Encode(&writer);
  ByteReader reader(writer.bytes());
  Trait decoded = Trait::Decode(&reader);
  EXPECT_TRUE(reader.Finish("trait").ok());
  return decoded;
}

// Lost 2, 4, 6 and kept 1, 3, 5, 7: means 4 and 4 apart by nothing; then 10 more for the lost.
TEST(Traits, OfNumbersByHand) {
  NumberTrait same, apart;
  for (const int64_t value : {2, 4, 6}) {
    ASSERT_TRUE(same.Add(true, value).ok());
    ASSERT_TRUE(apart.Add(true, value + 10).ok());
  }
  for (const int64_t value : {1, 3, 5, 7}) {
    ASSERT_TRUE(same.Add(false, value).ok());
    ASSERT_TRUE(apart.Add(false, value).ok());
  }
  EXPECT_EQ(EffectOf(same)->d, 0);
  EXPECT_EQ(EffectOf(same)->auc, 0.5);
  const auto effect = EffectOf(apart);
  ASSERT_TRUE(effect.has_value());
  EXPECT_EQ(effect->lost, 14);
  EXPECT_EQ(effect->kept, 4);
  EXPECT_EQ(effect->auc, 1);
  EXPECT_NEAR(effect->d, 10 / std::sqrt((8.0 + 20.0) / 5), 1e-12);  // squared deviations 8 and 20, 5 degrees of freedom
}

TEST(Traits, OfNumbersThatDoNotVaryOrAreNotThere) {
  NumberTrait one;
  ASSERT_TRUE(one.Add(true, 3).ok());
  EXPECT_EQ(EffectOf(one), std::nullopt);
  ASSERT_TRUE(one.Add(false, kNoWhole).ok());
  EXPECT_EQ(EffectOf(one), std::nullopt) << "a missing value is none";
  EXPECT_EQ(one.missing[0], 1);
  ASSERT_TRUE(one.Add(false, 3).ok());
  EXPECT_EQ(EffectOf(one)->d, 0);
  EXPECT_EQ(EffectOf(one)->auc, 0.5);
}

TEST(Traits, TooLargeNumbersAreRefused) {
  NumberTrait trait;
  ASSERT_TRUE(trait.Add(true, (int64_t{1} << 47) - 1).ok());
  EXPECT_EQ(trait.Add(true, int64_t{1} << 47).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(trait.Add(false, -(int64_t{1} << 47)).code(), absl::StatusCode::kOutOfRange);
}

TEST(Traits, AucIsThatOfAllPairs) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<int64_t> lost, kept;
    NumberTrait trait, merged;
    std::array<NumberTrait, 3> shards;
    for (int i = 0; i < 120; ++i) {
      const auto value = static_cast<int64_t>(random() % 60) - 20;  // below 1,024: a code of its own
      const bool is_lost = random() % 3 == 0;
      (is_lost ? lost : kept).push_back(value);
      ASSERT_TRUE(trait.Add(is_lost, value).ok());
      ASSERT_TRUE(shards[random() % shards.size()].Add(is_lost, value).ok());
    }
    double wins = 0;
    for (const int64_t more : lost) {
      for (const int64_t less : kept) wins += more > less ? 1 : more == less ? 0.5 : 0;
    }
    EXPECT_NEAR(EffectOf(trait)->auc, wins / static_cast<double>(lost.size() * kept.size()), 1e-12) << "seed " << seed;
    for (const size_t shard : {2U, 0U, 1U}) merged.Merge(Travelled(shards.at(shard)));
    EXPECT_EQ(merged, trait) << "seed " << seed;
  }
}

// 20 kept and 20 lost: red 15 and 5, blue 5 and 15. Chi-squared is 10, so V is a half.
TEST(Traits, OfWordsByHand) {
  WordTrait trait, other;
  for (int i = 0; i < 15; ++i) trait.Add(false, "red");
  for (int i = 0; i < 5; ++i) trait.Add(true, "red");
  EXPECT_EQ(CramersV(trait), std::nullopt) << "one word says nothing";
  for (int i = 0; i < 5; ++i) other.Add(false, "blue");
  for (int i = 0; i < 15; ++i) other.Add(true, "blue");
  other.missing[1] = 7;
  trait.Merge(Travelled(other));
  EXPECT_NEAR(*CramersV(trait), 0.5, 1e-15);
  const auto effects = EffectsOf(trait);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(effects.at("blue").difference(), 0.5);
  EXPECT_EQ(effects.at("red").difference(), -0.5);
  EXPECT_EQ(trait.missing[1], 7);
}

TEST(Traits, OfWordsWithoutAGroupAreEmpty) {
  WordTrait trait;
  trait.Add(true, "red");
  trait.Add(true, "blue");
  EXPECT_TRUE(EffectsOf(trait).empty());
  EXPECT_EQ(CramersV(trait), std::nullopt);
}

}  // namespace
}  // namespace strata
