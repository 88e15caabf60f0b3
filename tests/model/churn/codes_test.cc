#include "model/churn/codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace strata {
namespace {

// As the head of codes.h says it, digit by digit.
uint16_t SlowCode(int64_t whole) {
  const bool negative = whole < 0;
  uint64_t m = negative ? 0 - static_cast<uint64_t>(whole) : static_cast<uint64_t>(whole);
  uint64_t k = m;
  if (m >= 1024) {
    uint64_t halvings = 0;
    for (; m >= 1024; m /= 2) ++halvings;
    k = 1024 + 512 * (halvings - 1) + (m - 512);
  }
  return static_cast<uint16_t>(negative ? 32'768 - k : 32'768 + k);
}

std::vector<int64_t> Numbers() {
  std::vector<int64_t> numbers = {0, std::numeric_limits<int64_t>::max(), -std::numeric_limits<int64_t>::max()};
  for (int power = 0; power < 63; ++power) {
    for (int64_t off = -3; off <= 3; ++off) {
      numbers.push_back((int64_t{1} << power) + off);
      numbers.push_back(-(int64_t{1} << power) + off);
    }
  }
  std::mt19937_64 random(9);
  for (int i = 0; i < 100'000; ++i) {
    const auto drawn = static_cast<int64_t>(random() >> (random() % 64));
    if (drawn != kNoWhole) numbers.push_back(random() % 2 == 0 ? drawn : -drawn);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST(Codes, RiseWithTheirNumbers) {
  uint16_t last = 0;
  for (const int64_t number : Numbers()) {
    const uint16_t code = CodeOf(number);
    ASSERT_EQ(code, SlowCode(number)) << number;
    ASSERT_GE(code, last) << number;
    last = code;
  }
  EXPECT_EQ(CodeOf(-std::numeric_limits<int64_t>::max()), kLeastCode);
  EXPECT_EQ(CodeOf(std::numeric_limits<int64_t>::max()), kGreatestCode);
}

TEST(Codes, AreExactForSmallNumbersAndToAFewThousandthsAbove) {
  for (int64_t number = -1023; number <= 1023; ++number) {
    EXPECT_EQ(WholesOf(CodeOf(number)), std::pair(number, number));
  }
  for (const int64_t number : Numbers()) {
    const auto [low, high] = WholesOf(CodeOf(number));
    ASSERT_LE(low, number);
    ASSERT_GE(high, number);
    const double width = static_cast<double>(high) - static_cast<double>(low);
    ASSERT_LE(width, std::max(0.0, static_cast<double>(number < 0 ? -number : number) / 512)) << number;
  }
}

TEST(Codes, ShareAllNumbersAmongThemWithoutAGap) {
  int64_t next = -std::numeric_limits<int64_t>::max();
  for (int code = kLeastCode; code <= kGreatestCode; ++code) {
    const auto [low, high] = WholesOf(static_cast<uint16_t>(code));
    ASSERT_EQ(low, next) << code;
    ASSERT_EQ(CodeOf(low), code);
    ASSERT_EQ(CodeOf(high), code);
    if (high == std::numeric_limits<int64_t>::max()) {
      EXPECT_EQ(code, kGreatestCode);
      break;
    }
    next = high + 1;
  }
}

TEST(Codes, KeepMissingApart) {
  EXPECT_EQ(CodeOf(kNoWhole), kMissingCode);
  EXPECT_GT(kMissingCode, kGreatestCode);
  EXPECT_GT(kOtherLevelCode, kGreatestCode);
}

}  // namespace
}  // namespace strata
