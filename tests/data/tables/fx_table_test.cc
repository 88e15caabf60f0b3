// Rates by day: which one a row gets, which were asked for, and when a later table would rewrite history.
#include "data/tables/fx_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

const uint32_t kUsd = *CurrencyCode("USD");
const uint32_t kGbp = *CurrencyCode("GBP");

FxRate Rate(int64_t digits, int32_t decimals = 0) { return {.digits = digits, .decimals = decimals}; }

TEST(Currency, IsThreeCapitalLetters) {
  for (const char* wrong : {"", "US", "USDX", "usd", "U D", "€€€"}) EXPECT_FALSE(CurrencyCode(wrong).has_value());
  EXPECT_EQ(CurrencyName(*CurrencyCode("XAU")), "XAU");
  EXPECT_LT(*CurrencyCode("GBP"), *CurrencyCode("USD"));
}

TEST(FormatRate, WritesTheDecimal) {
  EXPECT_EQ(FormatRate(Rate(10853, 4)), "1.0853");
  EXPECT_EQ(FormatRate(Rate(53, 6)), "0.000053");
  EXPECT_EQ(FormatRate(Rate(7)), "7");
  EXPECT_EQ(FormatRate({}), "none");
}

TEST(FxTable, CarriesTheLatestEarlierRateForAWeek) {
  const FxTable table({{kUsd, 100, Rate(1)}, {kUsd, 103, Rate(2)}, {kGbp, 90, Rate(3)}});
  EXPECT_EQ(table.Find(kUsd, 99), FxRate{}) << "no rate comes from the future";
  EXPECT_EQ(table.Find(kUsd, 100), Rate(1));
  EXPECT_EQ(table.Find(kUsd, 102), Rate(1));
  EXPECT_EQ(table.Find(kUsd, 103), Rate(2));
  EXPECT_EQ(table.Find(kUsd, 103 + kFxCarryDays), Rate(2));
  EXPECT_EQ(table.Find(kUsd, 104 + kFxCarryDays), FxRate{});
  EXPECT_EQ(table.Find(kGbp, 100), FxRate{});
  EXPECT_EQ(table.Find(*CurrencyCode("JPY"), 100), FxRate{});
  EXPECT_TRUE(table.Has(kGbp));
  EXPECT_FALSE(table.Has(*CurrencyCode("JPY")));
  const auto again = FxTable::Decode(table.Encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->rates(), table.rates());
}

TEST(FxLookups, RememberWhatWasAskedAndAnswered) {
  const FxTable table({{kUsd, 100, Rate(1)}, {kGbp, 100, Rate(3)}});
  FxLookups lookups(&table);
  EXPECT_EQ(lookups.Find(kUsd, 101), Rate(1));
  EXPECT_EQ(lookups.Find(kUsd, 101), Rate(1));
  EXPECT_EQ(lookups.Find(kUsd, 50), FxRate{});
  EXPECT_EQ(lookups.Find(kGbp, 100), Rate(3));
  EXPECT_EQ(lookups.Uses(), (std::vector<FxUse>{{kGbp, 100, Rate(3)}, {kUsd, 50, FxRate{}}, {kUsd, 101, Rate(1)}}));
}

struct Change {
  const char* what;
  std::vector<FxUse> now;
  const char* message;  // nullptr: allowed
};

TEST(CheckFxUses, RefusesWhatWouldChangeHistoryAndNothingElse) {
  // In the table: USD on day 100 and 105. Rows asked for USD on 100, for 102 (which took the rate of 100) and for 50.
  const std::vector<FxUse> used = {{kUsd, 50, FxRate{}}, {kUsd, 100, Rate(11, 1)}, {kUsd, 102, Rate(11, 1)}};
  const FxUse first{kUsd, 100, Rate(11, 1)}, later{kUsd, 105, Rate(12, 1)};
  const std::vector<Change> changes = {
      {"the same table", {first, later}, nullptr},
      {"new days and currencies", {first, later, {kUsd, 106, Rate(13, 1)}, {kGbp, 100, Rate(2)}}, nullptr},
      {"a rate changed that nobody asked for", {first, {kUsd, 105, Rate(99)}}, nullptr},
      {"a rate gone that nobody asked for", {first}, nullptr},
      {"a changed rate",
       {{kUsd, 100, Rate(12, 1)}, later},
       "in USD of 1970-04-11 got the rate 1.1, and the table now gives 1.2"},
      {"a rate that is gone", {later}, "got the rate 1.1, and the table now gives none"},
      {"a late rate for a carried day",
       {first, {kUsd, 102, Rate(115, 2)}, later},
       "of 1970-04-13 got the rate 1.1, and the table now gives 1.15"},
      {"a late rate for rejected rows",
       {{kUsd, 45, Rate(1)}, first, later},
       "of 1970-02-20 got the rate none, and the table now gives 1"},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.what);
    const absl::Status checked = CheckFxUses(FxTable(change.now), used);
    if (change.message == nullptr) {
      EXPECT_TRUE(checked.ok()) << checked;
      continue;
    }
    EXPECT_THAT(checked, FailsWith(absl::StatusCode::kFailedPrecondition, "FX_CHANGED"));
    EXPECT_THAT(std::string(checked.message()), HasSubstr(change.message));
    EXPECT_THAT(std::string(checked.message()), HasSubstr("--rebuild-ledger"));
  }
}

// Nights with tables that grow: whatever passes the check gives every row, asked when it came, what the last table
// gives it.
TEST(CheckFxUses, NightsThatPassGiveWhatTheLastTableGives) {
  int passed = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<FxUse> rates, used;
    bool ok = true;
    for (int night = 0; night < 6 && ok; ++night) {
      const Day today = 100 + 3 * night;
      if (random() % 3 > 0) rates.push_back({kUsd, today, Rate(1 + night)});
      const Day late = today - 1 - static_cast<Day>(random() % 8);
      const bool is_there =
          std::any_of(rates.begin(), rates.end(), [late](const FxUse& rate) { return rate.day == late; });
      if (random() % 8 == 0 && !is_there) rates.push_back({kUsd, late, Rate(100 + night)});
      const FxTable table(rates);
      ok = CheckFxUses(table, used).ok();
      if (!ok) break;
      FxLookups lookups(&table);
      for (int row = 0; row < 3; ++row) lookups.Find(kUsd, today - static_cast<Day>(random() % 12));
      used = *MergeFxUses(used, lookups.Uses());
    }
    ++(ok ? passed : refused);
    if (!ok) continue;
    const FxTable last(rates);
    for (const FxUse& use : used) EXPECT_EQ(last.Find(use.currency, use.day), use.rate);
  }
  EXPECT_GT(passed, 100);
  EXPECT_GT(refused, 50);
}

TEST(FxUses, ObjectsAndMerges) {
  const std::vector<FxUse> uses = {{kGbp, 1, Rate(5, 2)}, {kUsd, -3, FxRate{}}};
  const auto again = DecodeFxUsesObject(EncodeFxUses(uses));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, uses);
  EXPECT_THAT(DecodeFxUsesObject("\x09\0\0\0"), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
  EXPECT_EQ(*MergeFxUses(uses, {{kGbp, 1, Rate(5, 2)}, {kGbp, 0, Rate(1)}}),
            (std::vector<FxUse>{{kGbp, 0, Rate(1)}, {kGbp, 1, Rate(5, 2)}, {kUsd, -3, FxRate{}}}));
  EXPECT_THAT(MergeFxUses(uses, {{kGbp, 1, Rate(6, 2)}}), FailsWith(absl::StatusCode::kInternal, "FX_USES_DIFFER"));
}

TEST(FxUses, DoNotGrowWithoutEnd) {
  const std::vector<FxUse> uses = {{kGbp, 1, Rate(5, 2)}, {kUsd, -3, FxRate{}}};
  EXPECT_OK(MergeFxUses(uses, uses, 2)) << "the same ones again";
  const auto more = MergeFxUses(uses, {{kUsd, -2, FxRate{}}}, 2);
  EXPECT_THAT(more, FailsWith(absl::StatusCode::kInvalidArgument, "FX_USES_TOO_MANY"));
  EXPECT_THAT(more, SaysThat("found rows in 3 different pairs of currency and day; allowed: 2"));
  EXPECT_OK(CheckFxUseCount(kMaxFxRates));
  EXPECT_THAT(CheckFxUseCount(kMaxFxRates + 1), FailsWith(absl::StatusCode::kInvalidArgument, "FX_USES_TOO_MANY"));
}

}  // namespace
}  // namespace strata
