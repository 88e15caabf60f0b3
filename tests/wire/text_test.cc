#include "wire/text.h"

#include <gtest/gtest.h>

#include <random>

#include "base/hash.h"

namespace strata {
namespace {

// The characters of Unicode by the length of their UTF-8 form: code points without the 2048 surrogates.
constexpr int64_t kOneByte = 0x80;
constexpr int64_t kTwoBytes = 0x800 - 0x80;
constexpr int64_t kThreeBytes = 0x10000 - 0x800 - 0x800;

TEST(Utf8, AcceptsExactlyAsManyShortTextsAsUnicodeHas) {
  int64_t two = 0, three = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
      two += IsUtf8({pair, 2});
      for (int c = 0; c < 256; ++c) {
        const char triple[] = {pair[0], pair[1], static_cast<char>(c)};
        three += IsUtf8({triple, 3});
      }
    }
  }
  EXPECT_EQ(two, kOneByte * kOneByte + kTwoBytes);
  EXPECT_EQ(three, kOneByte * kOneByte * kOneByte + 2 * kOneByte * kTwoBytes + kThreeBytes);
}

TEST(Utf8, KnowsTheEdgesOfFourBytes) {
  EXPECT_TRUE(IsUtf8("\xf0\x90\x80\x80"));   // U+10000
  EXPECT_FALSE(IsUtf8("\xf0\x8f\xbf\xbf"));  // overlong
  EXPECT_TRUE(IsUtf8("\xf4\x8f\xbf\xbf"));   // U+10FFFF
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));  // above
  EXPECT_FALSE(IsUtf8("\xf0\x90\x80"));      // cut
}

TEST(Utf8, EscapingMakesAnythingValidAndLeavesValidTextAlone) {
  EXPECT_EQ(EscapeNonUtf8("Zo\xc3\xab"), "Zo\xc3\xab");
  EXPECT_EQ(EscapeNonUtf8("Zo\xeb!"), "Zo\\xeb!");
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    std::mt19937_64 random(seed);
    std::string text;
    for (uint64_t n = random() % 20; n > 0; --n) text += static_cast<char>(random());
    EXPECT_TRUE(IsUtf8(EscapeNonUtf8(text))) << "seed " << seed;
  }
}

TEST(Utf8, APrefixNeverEndsInsideACharacter) {
  const std::string text = "a\xc3\xab\xe2\x82\xac\xf0\x9f\x98\x80z";
  for (size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const std::string_view prefix = Utf8Prefix(text, bytes);
    EXPECT_LE(prefix.size(), bytes);
    EXPECT_TRUE(IsUtf8(prefix)) << bytes;
    EXPECT_LT(bytes - prefix.size(), 4u);
  }
}

TEST(Hex, ReadsWhatHexWroteAndNothingElse) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{0xdeadbeef}, ~uint64_t{0}}) {
    EXPECT_EQ(ParseHex(Hex(value)), value);
  }
  for (const char* text : {"", "0", "00000000DEADBEEF", "00000000deadbeef0", "0000000 deadbeef", "-000000000000001"}) {
    EXPECT_EQ(ParseHex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace strata
