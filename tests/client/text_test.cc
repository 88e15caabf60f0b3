// Numbers, money, times and tables as people read them.
#include <gtest/gtest.h>

#include <clocale>
#include <limits>

#include "client/text/flag_words.h"
#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "client/text/words.h"
#include "model/customer_score.h"

namespace strata {
namespace {

TEST(Numbers, ThousandsAreSeparatedByCommas) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(-1234567), "-1,234,567");
  EXPECT_EQ(Grouped(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(Fixed(1234567.891, 2), "1,234,567.89");
  EXPECT_EQ(Fixed(-0.001, 2), "0.00");
  EXPECT_EQ(Fixed(kAbsent, 2), "-");
}

TEST(Numbers, ParametersKeepTheirLeadingDigits) {
  EXPECT_EQ(Significant(0.25162, 4), "0.2516");
  EXPECT_EQ(Significant(0.0012345, 3), "0.00123");
  EXPECT_EQ(Significant(4.7889, 4), "4.789");
  EXPECT_EQ(Significant(12345.6, 4), "12,346");
  EXPECT_EQ(Significant(0, 3), "0.000");
  EXPECT_EQ(Significant(1.5e-7, 3), "1.50e-07");
  EXPECT_EQ(Significant(kAbsent, 3), "-");
}

TEST(Numbers, SharesCountsSizesAndTimes) {
  EXPECT_EQ(Percent(0.8314), "83.1 %");
  EXPECT_EQ(Percent(kAbsent), "-");
  EXPECT_EQ(Counted(1, "row", "rows"), "1 row");
  EXPECT_EQ(Counted(1200, "row", "rows"), "1,200 rows");
  EXPECT_EQ(ByteSize(1023), "1023 B");
  EXPECT_EQ(ByteSize(1536), "1.5 KiB");
  EXPECT_EQ(Duration(0.418), "0.42 s");
  EXPECT_EQ(Duration(3.14), "3.1 s");
  EXPECT_EQ(Duration(125.9), "2 min 5 s");
  EXPECT_EQ(Duration(3780), "1 h 3 min");
  EXPECT_EQ(Age(59), "59 seconds");
  EXPECT_EQ(Age(60), "1 minute");
  EXPECT_EQ(Age(47 * 3600), "47 hours");
  EXPECT_EQ(Age(48 * 3600), "2 days");
  EXPECT_EQ(UtcTime(0), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(UtcTime(1'711'937'624'120), "2024-04-01 02:13:44 UTC");
  EXPECT_EQ(UtcTime(-1), "1969-12-31 23:59:59 UTC");
}

TEST(Numbers, DoNotFollowTheLocale) {
  // Any of these writes decimals with a comma; where none is installed the test still checks the default.
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  }
  EXPECT_EQ(Fixed(1234.5, 2), "1,234.50");
  EXPECT_EQ(Money(0.5, "USD"), "0.50 USD");
  std::setlocale(LC_ALL, "C");
}

TEST(Money, HasTheDecimalsOfItsCurrency) {
  EXPECT_EQ(MoneyOfMicros(1'234'567'890, "EUR"), "1,234.57 EUR");
  EXPECT_EQ(MoneyOfMicros(1'234'567'890, "JPY"), "1,235 JPY");
  EXPECT_EQ(MoneyOfMicros(1'234'567'890, "KWD"), "1,234.568 KWD");
  EXPECT_EQ(Money(12.5, "JPY"), "12 JPY");
  EXPECT_EQ(Money(kAbsent, "USD"), "-");
}

TEST(Money, RoundsHalvesToEvenAndHasNoNegativeZero) {
  EXPECT_EQ(MoneyOfMicros(125'000, "USD"), "0.12 USD");
  EXPECT_EQ(MoneyOfMicros(135'000, "USD"), "0.14 USD");
  EXPECT_EQ(MoneyOfMicros(-125'001, "USD"), "-0.13 USD");
  EXPECT_EQ(MoneyOfMicros(-1, "USD"), "0.00 USD");
  EXPECT_EQ(MoneyOfMicros(std::numeric_limits<int64_t>::min(), "USD"), "-9,223,372,036,854.78 USD");
}

TEST(Money, ExactAmountsLoseNothing) {
  EXPECT_EQ(ExactAmount(0), "0");
  EXPECT_EQ(ExactAmount(1'500'000), "1.5");
  EXPECT_EQ(ExactAmount(-1), "-0.000001");
  EXPECT_EQ(ExactAmount(std::numeric_limits<int64_t>::min()), "-9223372036854.775808");
}

TEST(TableLayout, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{"name", Align::kLeft}, {"count", Align::kRight}, {"note", Align::kLeft}});
  table.AddRow({"a", "1", ""});
  table.AddRow({"longer", "1,000", "x"});
  table.AddRule();
  table.AddRow({"all", "1,001", ""});
  EXPECT_EQ(table.Render("  "),
            "  name    count  note\n"
            "  a           1\n"
            "  longer  1,000  x\n"
            "  -------------------\n"
            "  all     1,001\n");
}

TEST(TableLayout, CountsCharactersNotBytesAndEscapesControls) {
  Table table({{"", Align::kLeft}, {"", Align::kLeft}});
  table.AddRow({"Zürich", "x"});
  table.AddRow({"a\nb", "y"});
  EXPECT_EQ(table.Render(),
            "Zürich  x\n"
            "a\\x0ab  y\n");
}

TEST(Words, EverySegmentHasATitleAndAMeaning) {
  for (int number = 0; number <= kRfmSegments; ++number) {
    const auto segment = static_cast<RfmSegment>(number);
    EXPECT_FALSE(Title(segment).empty()) << number;
    EXPECT_FALSE(Meaning(segment).empty()) << number;
    if (segment == RfmSegment::kNone) continue;
    EXPECT_EQ(TitleOfName(Name(segment)), Title(segment));
  }
  EXPECT_EQ(Title(RfmSegment::kCantLose), "Cannot lose");
  EXPECT_EQ(TitleOfName("cluster-7"), "Cluster 7");
  EXPECT_EQ(TitleOfName("no_purchase"), "No purchase");
  EXPECT_EQ(TitleOfName("something_new"), "something_new");
}

TEST(Words, EveryFlagIsExplained) {
  const uint32_t all = kFlagNoPurchase | kFlagSpendFromPopulation | kFlagSpendNotPositive | kFlagChurnInactive |
                       kFlagOutlier | kFlagClusterMissing | kFlagChurnFromLifetime;
  EXPECT_EQ(ExplainFlags(all).size(), 7u);
  EXPECT_EQ(FlagNames(kFlagNoPurchase | kFlagChurnInactive),
            (std::vector<std::string>{"no_purchase", "churn_inactive"}));
  EXPECT_TRUE(ExplainFlags(0).empty());
}

TEST(Words, WhatAShellTakesLiterally) {
  EXPECT_EQ(ShellQuoted("/var/lib/strata"), "/var/lib/strata");
  EXPECT_EQ(ShellQuoted("my state"), "'my state'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(StateWords(".strata"), "");
  EXPECT_EQ(StateWords("s 1"), " --state 's 1'");
}

}  // namespace
}  // namespace strata
