#include "base/int128.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace strata {
namespace {

TEST(Int128, PrintsAllItsDigits) {
  const Int128 largest = static_cast<Int128>(~UInt128{0} >> 1);
  const std::pair<Int128, const char*> rows[] = {
      {0, "0"},
      {7, "7"},
      {-7, "-7"},
      {10, "10"},
      {std::numeric_limits<int64_t>::max(), "9223372036854775807"},
      {std::numeric_limits<int64_t>::min(), "-9223372036854775808"},
      {Int128{1} << 64, "18446744073709551616"},
      {largest, "170141183460469231731687303715884105727"},
      {-largest - 1, "-170141183460469231731687303715884105728"},
  };
  for (const auto& [value, text] : rows) EXPECT_EQ(ToString(value), text);
}

TEST(Int128, IsReadBackFromExactlyWhatIsPrinted) {
  const Int128 largest = static_cast<Int128>(~UInt128{0} >> 1);
  for (const Int128 value : {Int128{0}, Int128{7}, Int128{-7}, Int128{1} << 64, largest, -largest - 1}) {
    EXPECT_EQ(ParseInt128(ToString(value)), value) << ToString(value);
  }
  for (const char* text :
       {"", "-", "-0", "007", "+1", " 1", "1 ", "1.0", "0x1", "170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105729", "340282366920938463463374607431768211456"}) {
    EXPECT_FALSE(ParseInt128(text).has_value()) << text;
  }
}

TEST(Int128, BecomesTheNearestDouble) {
  EXPECT_EQ(ToDouble(0), 0.0);
  EXPECT_EQ(ToDouble((Int128{1} << 53) + 1), 0x1.0p53) << "a tie goes to the even one";
  EXPECT_EQ(ToDouble((Int128{1} << 53) + 3), 0x1.0p53 + 4) << "a tie goes to the even one";
  EXPECT_EQ(ToDouble(-(Int128{1} << 100)), -0x1.0p100);
}

}  // namespace
}  // namespace strata
