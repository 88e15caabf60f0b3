#include "data/rows/packed.h"

#include <gtest/gtest.h>

#include <random>

namespace strata {
namespace {

TEST(Packed, TheWidthIsWhatTheLargestValueNeeds) {
  const auto width = [](std::vector<int64_t> values) { return Pack(values).width; };
  EXPECT_EQ(width({}), 1);
  EXPECT_EQ(width({kNoWhole}), 1);
  EXPECT_EQ(width({0, 127, -127, kNoWhole}), 1);
  EXPECT_EQ(width({128}), 2);
  EXPECT_EQ(width({-128}), 2) << "-128 stands for a missing value";
  EXPECT_EQ(width({32767, -32767}), 2);
  EXPECT_EQ(width({-32768}), 4);
  EXPECT_EQ(width({2147483647, -2147483647}), 4);
  EXPECT_EQ(width({-2147483648}), 8);
  EXPECT_EQ(width({std::numeric_limits<int64_t>::max(), kNoWhole + 1}), 8);
}

TEST(Packed, EveryValueComesBack) {
  for (uint64_t seed = 1; seed <= 64; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<int64_t> values;
    for (size_t i = 0; i < 100; ++i) {
      const auto value = static_cast<int64_t>(random() >> (seed % 64));
      values.push_back(random() % 8 == 0 ? kNoWhole : random() % 2 == 0 ? value : -value);
    }
    const Packed packed = Pack(values);
    const PackedSpan span = packed.Span();
    ASSERT_EQ(span.size(), values.size());
    for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(span[i], values[i]) << "seed " << seed << ", value " << i;
  }
}

}  // namespace
}  // namespace strata
