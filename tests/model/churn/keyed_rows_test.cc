// The gathered customers are the lowest draws of all, with all their rows, however they are spread over shards.
#include "model/churn/keyed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "base/hash.h"

namespace strata {
namespace {

constexpr uint32_t kCapacity = 40;
using Entry = std::tuple<uint64_t, uint64_t, std::string>;  // draw, hash, bytes

std::vector<Entry> EntriesOf(const KeyedRows& sample, uint64_t seed) {
  std::vector<Entry> entries;
  for (size_t i = 0; i < sample.size(); ++i) {
    entries.emplace_back(KeyedDraw(seed, DrawRound(DrawPurpose::kChurnTrainSample), sample.hash(i)), sample.hash(i),
                         std::string(sample.rows(i)));
  }
  return entries;
}

TEST(KeyedRows, AreTheLowestDrawsForAnySharding) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<KeyedRows> shards;
    for (size_t i = 0; i < 1 + random() % 6; ++i) {
      shards.emplace_back(seed, DrawPurpose::kChurnTrainSample, kCapacity);
    }
    std::vector<Entry> expected;
    const size_t customers = random() % 500;
    for (size_t i = 0; i < customers; ++i) {
      const uint64_t hash = random() % 300;  // equal hashes with different rows occur
      const std::string rows(random() % 9, static_cast<char>('a' + random() % 3));
      KeyedRows& shard = shards[random() % shards.size()];
      const uint64_t draw = KeyedDraw(seed, DrawRound(DrawPurpose::kChurnTrainSample), hash);
      if (shard.Wants(hash)) shard.Add(hash, rows);
      expected.emplace_back(draw, hash, rows);
    }
    std::sort(expected.begin(), expected.end());
    if (expected.size() > kCapacity) expected.resize(kCapacity);

    std::shuffle(shards.begin(), shards.end(), random);
    KeyedRows merged;
    for (KeyedRows& shard : shards) {
      shard.Sort();
      ByteWriter writer;
      shard.Encode(&writer);
      ByteReader reader(writer.bytes());
      merged.Merge(KeyedRows::Decode(&reader));
      EXPECT_TRUE(reader.Finish("rows").ok());
    }
    EXPECT_EQ(EntriesOf(merged, seed), expected);

    KeyedRows neutral;
    neutral.Merge(merged);
    KeyedRows same = merged;
    same.Merge(KeyedRows());
    EXPECT_EQ(neutral, merged);
    EXPECT_EQ(same, merged);
  }
}

TEST(KeyedRows, RefuseBytesThatCannotBe) {
  KeyedRows sample(1, DrawPurpose::kChurnTrainSample, 4);
  sample.Add(5, "rows");
  sample.Sort();
  ByteWriter writer;
  sample.Encode(&writer);
  std::string bytes = writer.Take();
  bytes[bytes.size() - 8 - 8] = 9;  // the size of the only customer's rows
  ByteReader reader(bytes);
  KeyedRows::Decode(&reader);
  EXPECT_FALSE(reader.Finish("rows").ok());
}

}  // namespace
}  // namespace strata
