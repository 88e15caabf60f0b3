#include "base/hash_sum.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/int128.h"

namespace strata {
namespace {

UInt128 Number(Hash128 value) { return static_cast<UInt128>(value.high) << 64 | value.low; }

// Halves of all sizes, so that carries and borrows happen and do not.
uint64_t Half(std::mt19937_64* random) {
  switch ((*random)() % 4) {
    case 0:
      return 0;
    case 1:
      return std::numeric_limits<uint64_t>::max();
    default:
      return (*random)() >> ((*random)() % 64);
  }
}

TEST(HashSum, IsTheCompilersArithmeticOf128Bits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Hash128 a{.high = Half(&random), .low = Half(&random)}, b{.high = Half(&random), .low = Half(&random)};
    EXPECT_TRUE(Number(Plus(a, b)) == Number(a) + Number(b)) << i;
    EXPECT_TRUE(Number(Minus(a, b)) == Number(a) - Number(b)) << i;
  }
}

}  // namespace
}  // namespace strata
