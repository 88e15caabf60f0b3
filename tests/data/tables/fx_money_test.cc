// Money in other currencies against integers without a limit.
#include "data/tables/fx_money.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <random>
#include <string>

namespace strata {
namespace {

using Big = boost::multiprecision::cpp_int;

Big Power(int exponent) {
  Big power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// numerator / 10^exponent, rounded half to even, said in the plainest way; nullopt past 64 bits.
std::optional<int64_t> SlowRound(const Big& numerator, int exponent) {
  const Big divisor = Power(exponent);
  const Big magnitude = numerator < 0 ? Big(-numerator) : numerator;
  Big quotient = magnitude / divisor;
  const Big rest = magnitude % divisor;
  if (rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1)) quotient += 1;
  if (quotient > std::numeric_limits<int64_t>::max()) return std::nullopt;
  const auto value = static_cast<int64_t>(quotient);
  return numerator < 0 ? -value : value;
}

TEST(FxMoney, SmallCasesByHand) {
  const FxRate half{.digits = 5, .decimals = 1};
  EXPECT_EQ(ConvertMicros(1'000'000, half), 500'000);
  EXPECT_EQ(ConvertMicros(1, half), 0) << "half a micro goes to the even side";
  EXPECT_EQ(ConvertMicros(3, half), 2);
  EXPECT_EQ(ConvertMicros(-1, half), 0);
  EXPECT_EQ(ConvertMicros(-3, half), -2);
  EXPECT_EQ(ConvertMicros(0, half), 0);
  EXPECT_EQ(ConvertMicros(100'000'000, {.digits = 10853, .decimals = 4}), 108'530'000);  // 100 at 1.0853
  EXPECT_EQ(ConvertMicros(7, {.digits = 3, .decimals = 0}), 21);
  // 3 × 0.333333 at 0.5: 0.4999995, one rounding; rounding the product first would not differ, but 0.0000005 does:
  EXPECT_EQ(ConvertProduct(3'000'000, 333'333, half), 500'000);
  // 0.001 × 0.0005 = 0.0000005, which alone rounds to 0; at 3 it is 0.0000015 and rounds to 0.000002.
  EXPECT_EQ(ConvertProduct(1'000, 500, {.digits = 3, .decimals = 0}), 2);
}

TEST(FxMoney, EqualsExactArithmetic) {
  std::mt19937_64 random(20240229);
  int overflows = 0, ties = 0;
  const auto amount = [&random]() -> int64_t {
    const auto value = static_cast<int64_t>(random() >> (1 + random() % 63));
    return random() % 2 == 0 ? value : -value;
  };
  for (int i = 0; i < 200'000; ++i) {
    FxRate rate;
    const int digits = 1 + static_cast<int>(random() % 18);
    rate.digits = 1;
    for (int k = 1; k < digits; ++k) rate.digits *= 10;
    rate.digits += static_cast<int64_t>(random() % static_cast<uint64_t>(9 * rate.digits));
    rate.decimals = static_cast<int32_t>(random() % 19);
    if (random() % 4 == 0) rate = {.digits = 5, .decimals = 1 + static_cast<int32_t>(random() % 3)};  // ties
    const int64_t a = amount(), b = amount();
    const auto one = SlowRound(Big(a) * rate.digits, rate.decimals);
    EXPECT_EQ(ConvertMicros(a, rate), one) << a << " × " << FormatRate(rate);
    const auto two = SlowRound(Big(a) * b * rate.digits, rate.decimals + 6);
    EXPECT_EQ(ConvertProduct(a, b, rate), two) << a << " × " << b << " × " << FormatRate(rate);
    overflows += !one.has_value() + !two.has_value();
    const Big product = Big(a) * rate.digits;
    ties +=
        rate.decimals > 0 && (product < 0 ? Big(-product) : product) % Power(rate.decimals) * 2 == Power(rate.decimals);
  }
  EXPECT_GT(overflows, 1000);
  EXPECT_GT(ties, 1000);
}

TEST(FxMoney, LimitsAreExact) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(ConvertMicros(kMax, {.digits = 1, .decimals = 0}), kMax);
  EXPECT_EQ(ConvertMicros(-kMax, {.digits = 1, .decimals = 0}), -kMax);
  EXPECT_EQ(ConvertMicros(kMax, {.digits = 1'000'000'000'000'001, .decimals = 15}), std::nullopt);
  EXPECT_EQ(ConvertProduct(kMax, kMax, {.digits = 999'999'999'999'999'999, .decimals = 0}), std::nullopt);
  EXPECT_EQ(ConvertProduct(kMax, 1'000'000, {.digits = 1, .decimals = 0}), kMax);
}

}  // namespace
}  // namespace strata
