#include "data/source/decimal.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/int128.h"

namespace strata {
namespace {

constexpr int64_t kMax = INT64_MAX;

TEST(ParseMicros, ReadsExactDecimals) {
  struct Case {
    const char* text;
    int64_t micros;
  };
  const Case cases[] = {
      {"0", 0},
      {"-0", 0},
      {"1", 1'000'000},
      {"+1", 1'000'000},
      {"-1.5", -1'500'000},
      {".5", 500'000},
      {"5.", 5'000'000},
      {"  12.34\t", 12'340'000},
      {"0.000001", 1},
      {"0.1000000", 100'000},  // zeros after the sixth decimal say nothing
      {"00012.5", 12'500'000},
      {"0.00000000000000000000", 0},
      {"123456789012.123456", 123'456'789'012'123'456},
      {"9223372036854.775807", kMax},
      {"-9223372036854.775807", -kMax},
      {"9223372036854.7758070000000000000", kMax},
      {"0000000000000000000000009223372036854.775807", kMax},
      {"1e3", 1'000'000'000},
      {"1E-6", 1},
      {"1.5e2", 150'000'000},
      {"150e-2", 1'500'000},
      {"0.0000015e1", 15},
      {"10000000e-13", 1},
      {"0e999999999999999999999", 0},
      {"12300000000000000000000000e-20", 123'000'000'000},
      {"0.00000000000000000000000012e20", 12},
  };
  for (const Case& c : cases) {
    const Decimal decimal = ParseMicros(c.text);
    EXPECT_EQ(decimal.fault, FaultKind::kNone) << c.text;
    EXPECT_EQ(decimal.micros, c.micros) << c.text;
  }
}

TEST(ParseMicros, SaysWhyATextIsNoDecimal) {
  struct Case {
    const char* text;
    FaultKind fault;
  };
  const Case cases[] = {
      {"", FaultKind::kMissing},
      {" \t ", FaultKind::kMissing},
      {"nan", FaultKind::kNotFinite},
      {"-NaN", FaultKind::kNotFinite},
      {"inf", FaultKind::kNotFinite},
      {"+Infinity", FaultKind::kNotFinite},
      {"0x1F", FaultKind::kHexadecimal},
      {"1,234.56", FaultKind::kThousandsSeparator},
      {"12,50", FaultKind::kThousandsSeparator},
      {"1.234,56", FaultKind::kThousandsSeparator},
      {"1 234", FaultKind::kThousandsSeparator},
      {"1'234", FaultKind::kThousandsSeparator},
      {"1_000", FaultKind::kThousandsSeparator},
      {"$12", FaultKind::kMalformed},
      {"12 EUR", FaultKind::kMalformed},
      {"1.2.3", FaultKind::kMalformed},
      {"--1", FaultKind::kMalformed},
      {"- 1", FaultKind::kMalformed},
      {"1-", FaultKind::kMalformed},
      {"(12.00)", FaultKind::kMalformed},
      {".", FaultKind::kMalformed},
      {"+", FaultKind::kMalformed},
      {"e5", FaultKind::kMalformed},
      {"1e", FaultKind::kMalformed},
      {"1e+", FaultKind::kMalformed},
      {"1e1.5", FaultKind::kMalformed},
      {"1e5e5", FaultKind::kMalformed},
      {"−1", FaultKind::kMalformed},  // U+2212
      {"１", FaultKind::kMalformed},  // U+FF11
      {"null", FaultKind::kMalformed},
      {"0.0000001", FaultKind::kTooPrecise},
      {"0.30000000000000004", FaultKind::kTooPrecise},
      {"1e-7", FaultKind::kTooPrecise},
      {"1e-999999999999999999999", FaultKind::kTooPrecise},
      {"9223372036854.775808", FaultKind::kTooLarge},
      {"-9223372036854.775808", FaultKind::kTooLarge},
      {"1e13", FaultKind::kTooLarge},
      {"99999999999999999999999999999999999999999999", FaultKind::kTooLarge},
      {"1e999999999999999999999", FaultKind::kTooLarge},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseMicros(c.text).fault, c.fault)
        << "'" << c.text << "' gives " << static_cast<int>(ParseMicros(c.text).fault);
  }
}

// The obvious way for digits[.digits]: shift the point by six places as text.
std::string MicrosAsText(const std::string& whole, std::string decimals) {
  decimals.resize(6, '0');
  std::string digits = whole + decimals;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

TEST(ParseMicros, AgreesWithShiftingThePoint) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < 500; ++i) {
      const auto digits = [&random](size_t most) {
        std::string text;
        for (size_t n = random() % (most + 1); n > 0; --n) text.push_back(static_cast<char>('0' + random() % 10));
        return text;
      };
      const std::string whole = digits(11) + std::to_string(random() % 10);
      const std::string decimals = digits(6);
      const Decimal decimal = ParseMicros(decimals.empty() ? whole : whole + "." + decimals);
      ASSERT_EQ(decimal.fault, FaultKind::kNone) << "seed " << seed << ": " << whole << "." << decimals;
      ASSERT_EQ(std::to_string(decimal.micros), MicrosAsText(whole, decimals)) << "seed " << seed;
    }
  }
}

TEST(ParseMicros, ReadsBackWhatFormatWrites) {
  for (const int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{10}, int64_t{1'000'000}, int64_t{-12'500'000}, kMax, -kMax}) {
    EXPECT_EQ(ParseMicros(FormatMicros(micros)).micros, micros) << FormatMicros(micros);
  }
  EXPECT_EQ(FormatMicros(-12'500'000), "-12.5");
  EXPECT_EQ(FormatMicros(1), "0.000001");
  EXPECT_EQ(FormatMicros(7'000'000), "7");
}

TEST(MultiplyMicros, RoundsHalfToEven) {
  struct Case {
    const char* a;
    const char* b;
    const char* product;
  };
  const Case cases[] = {
      {"6", "2.55", "15.3"},
      {"-2", "3.39", "-6.78"},
      {"0.5", "0.000001", "0"},         // half of a micro: to even
      {"1.5", "0.000001", "0.000002"},  // one and a half: to even
      {"2.5", "0.000001", "0.000002"},
      {"-0.5", "0.000001", "0"},
      {"-1.5", "0.000001", "-0.000002"},
      {"-2.5", "0.000001", "-0.000002"},
      {"2.500001", "0.000001", "0.000003"},
      {"0.499999", "0.000001", "0"},
      {"1000000", "9223372.036854", "9223372036854"},
  };
  for (const Case& c : cases) {
    const auto product = MultiplyMicros(ParseMicros(c.a).micros, ParseMicros(c.b).micros);
    ASSERT_TRUE(product.has_value()) << c.a << " x " << c.b;
    EXPECT_EQ(FormatMicros(*product), c.product) << c.a << " x " << c.b;
  }
  EXPECT_FALSE(MultiplyMicros(kMax, 1'000'001).has_value());
  EXPECT_FALSE(MultiplyMicros(-kMax, 1'000'001).has_value());
  EXPECT_EQ(MultiplyMicros(kMax, 1'000'000), kMax);
  EXPECT_FALSE(MultiplyMicros(kMax, kMax).has_value());
}

}  // namespace
}  // namespace strata
