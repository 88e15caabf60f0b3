#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace strata {
namespace {

// Byte i is (131 i + 7) mod 256.
std::string Pattern(size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>((i * 131 + 7) % 256));
  return bytes;
}

// Computed with python-xxhash 3 (xxHash 0.8.4). The lengths reach each of XXH3's branches and their edges.
struct Vector {
  size_t size;
  uint64_t hash_64;
  const char* hash_128;
};
const Vector kVectors[] = {
    {0, 0x2d06800538d394c2ULL, "99aa06d3014798d86001c324468d497f"},
    {1, 0x4c5cca45d0f4811fULL, "495b62073ef70ca44c5cca45d0f4811f"},
    {3, 0x6e3e2670e61106acULL, "390cdc5b4a895dd76e3e2670e61106ac"},
    {4, 0x5c4c63133443d03fULL, "aa6e2f274640a3f43d668af6f2a44d77"},
    {8, 0xf9fd4dd0b04d78f5ULL, "6a86a3bda6af4e3d61ddbe7f31a6100d"},
    {9, 0x7c20df9712c26edfULL, "664c7ca18afd62558c7b67fd458a936b"},
    {16, 0x86abf6baccea0858ULL, "7f9a218b0425449ae2ce54a7c19c730d"},
    {17, 0xb58bf5dc5022d071ULL, "66fc23f6439dbd778d96ef110fcdebb4"},
    {64, 0x1291d2d4042330ddULL, "e0faf20e0e0fe0ddba7e015a54f14be1"},
    {128, 0x10d17f72c0ccba41ULL, "aec730751478556cff361dec1385710a"},
    {129, 0x1648bdc3db49d1a2ULL, "98cd36ccbb5579264545b3a09738e31a"},
    {240, 0xb6cfaf343fab81e6ULL, "5293e17bf553903d3f2c53e72293711f"},
    {241, 0x956cae592c67279eULL, "b53840fe3fedf161956cae592c67279e"},
    {1023, 0xa94ffcd2254368e4ULL, "0990de11f2b13621a94ffcd2254368e4"},
    {1024, 0x70bd377d9574f4bbULL, "f69630613f24324d70bd377d9574f4bb"},
    {1025, 0x66c4487c41e127a7ULL, "621af7b8277effa466c4487c41e127a7"},
    {100000, 0x14ce8d6fc2c4868bULL, "e9e46da59b77e42314ce8d6fc2c4868b"},
};

TEST(Hash, MatchesTheVectorsOfXxh3) {
  for (const Vector& vector : kVectors) {
    const std::string bytes = Pattern(vector.size);
    EXPECT_EQ(Hash64(bytes), vector.hash_64) << vector.size;
    EXPECT_EQ(Hex(HashOf128(bytes)), vector.hash_128) << vector.size;
  }
  EXPECT_EQ(Hash64("abc"), 0x78af5f94892f3950ULL);
}

TEST(Hash, AStreamHashesTheConcatenation) {
  for (const size_t piece : {1u, 7u, 64u, 255u, 256u, 1000u, 100'000u}) {
    for (const Vector& vector : kVectors) {
      if (vector.size / piece > 20'000) continue;
      const std::string bytes = Pattern(vector.size);
      StreamHash hash;
      for (size_t at = 0; at < bytes.size(); at += piece) hash.Add(std::string_view(bytes).substr(at, piece));
      hash.Add("");
      EXPECT_EQ(hash.Digest64(), vector.hash_64) << vector.size << " by " << piece;
      EXPECT_EQ(Hex(hash.Digest128()), vector.hash_128) << vector.size << " by " << piece;
    }
  }
}

TEST(Hash, AStreamMayBeReadOnTheWay) {
  StreamHash hash;
  hash.Add("ab");
  EXPECT_EQ(hash.Digest64(), Hash64("ab"));
  hash.Add("c");
  EXPECT_EQ(hash.Digest64(), Hash64("abc"));
}

TEST(Hash, HexadecimalTextKeepsLeadingZeros) {
  EXPECT_EQ(Hex(uint64_t{0}), "0000000000000000");
  EXPECT_EQ(Hex(uint64_t{0xABCDEF}), "0000000000abcdef");
  EXPECT_EQ(Hex(Hash128{.high = 1, .low = 2}), "00000000000000010000000000000002");
}

// The sequence of splitmix64 from seed 1234567, as Rosetta Code publishes it.
TEST(Random, MixIsTheFinaliserOfSplitmix64) {
  const uint64_t expected[] = {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                               4593380528125082431ULL, 16408922859458223821ULL};
  uint64_t state = 1234567;
  for (const uint64_t value : expected) {
    EXPECT_EQ(Mix(state), value);
    state += 0x9e3779b97f4a7c15ULL;
  }
}

TEST(Random, ADrawDependsOnSeedRoundAndIdentityAlone) {
  std::set<uint64_t> draws;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    for (uint64_t round = 0; round < 10; ++round) {
      for (uint64_t identity = 0; identity < 10; ++identity) {
        const uint64_t draw = KeyedDraw(seed, round, identity);
        EXPECT_EQ(KeyedDraw(seed, round, identity), draw);
        draws.insert(draw);
      }
    }
  }
  EXPECT_EQ(draws.size(), 1000u) << "exchanging two of the three makes another draw";
}

TEST(Random, DrawsFillTheUnitIntervalEvenly) {
  EXPECT_EQ(UnitInterval(0), 0.0);
  EXPECT_LT(UnitInterval(~uint64_t{0}), 1.0);
  constexpr int kBins = 16, kDraws = 160'000;
  std::vector<int> counts(kBins);
  for (uint64_t identity = 0; identity < kDraws; ++identity) {
    ++counts[static_cast<size_t>(UnitInterval(KeyedDraw(1, 2, identity)) * kBins)];
  }
  double chi_squared = 0;
  const double expected = double{kDraws} / kBins;
  for (const int count : counts) chi_squared += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_squared, 37.7)
      << "15 degrees of freedom: exceeded by chance once in a thousand, and nothing is random here";
}

TEST(Random, AShardIsTheHashModuloTheShards) {
  EXPECT_EQ(ShardOf(Hash64("00001"), 64), 61u);
  EXPECT_EQ(ShardOf(Hash64("17850"), 64), 54u);
  EXPECT_EQ(ShardOf(Hash64("17850"), 7), 6u);
  EXPECT_EQ(ShardOf(Hash64("17850"), 1), 0u);
}

}  // namespace
}  // namespace strata
