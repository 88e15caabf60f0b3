// What a profile says of customers, told by hand.
#include <gtest/gtest.h>

#include "tests/data/profile/raw_profile.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;
constexpr int64_t kUnit = 1'000'000;

RawLine Buys(const std::string& id, Day day, int64_t units) { return {.id = id, .day = day, .net = units * kUnit}; }
RawLine Returns(const std::string& id, Day day, int64_t units) {
  return {.id = id, .day = day, .net = -units * kUnit, .is_return = true};
}

TEST(ProfileStories, ARhythmOfDays) {
  const MadeProfile made(
      {.lines = {Buys("ann", kAsOf - 400, 1), Buys("ann", kAsOf - 100, 2), Buys("ann", kAsOf - 90, 3),
                 Returns("ann", kAsOf - 1, 1), Buys("ann", kAsOf + 1, 9), Buys("bob", kAsOf, 1)}},
      kAsOf, {});
  EXPECT_EQ(made.Whole("ann", "last_gap_days"), 10);
  EXPECT_EQ(made.Whole("bob", "last_gap_days"), kNoWhole);
  EXPECT_EQ(made.Whole("ann", "last_row_day"), kAsOf - 1) << "a return is a row, tomorrow's is not known yet";
  EXPECT_EQ(made.Whole("ann", "active_quarters"), 2) << "90 days ago is in the last 91 days, 100 days ago is not";
  EXPECT_EQ(made.Text("ann", "tenure_band"), "366-1095");
  EXPECT_EQ(made.Text("bob", "tenure_band"), "0-90");
  EXPECT_EQ(made.days().gaps.opened, 1) << "ann's first purchase alone is a year ago";
}

TEST(ProfileStories, RfmOfAWindowCountsWhatLiesInIt) {
  MadeProfile::Options options;
  options.rules.rfm_days = DayRange{kAsOf - 60, kAsOf - 31};
  const MadeProfile made({.lines = {Buys("ann", kAsOf - 61, 1), Buys("ann", kAsOf - 60, 2), Buys("ann", kAsOf - 40, 4),
                                    Returns("ann", kAsOf - 31, 1), Buys("ann", kAsOf, 8), Buys("bob", kAsOf, 1)}},
                         kAsOf, options);
  EXPECT_EQ(made.Whole("ann", "rfm_recency"), 40);
  EXPECT_EQ(made.Whole("ann", "rfm_frequency"), 2);
  EXPECT_EQ(made.Whole("ann", "rfm_monetary"), 5 * kUnit);
  for (const char* column : {"rfm_recency", "rfm_frequency", "rfm_monetary"}) {
    EXPECT_EQ(made.Whole("bob", column), kNoWhole) << column;
  }
  const MadeProfile plain({.lines = {Buys("ann", kAsOf, 1)}}, kAsOf, {});
  EXPECT_EQ(plain.columns().Find("rfm_recency"), nullptr);
}

TEST(ProfileStories, CustomersWhoNeverBoughtAreInTheBaseFromTheirRegistrationOn) {
  const MadeProfile made({.lines = {Buys("ann", kAsOf - 5, 1), Buys("eve", kAsOf + 5, 1)},
                          .customers = {{.id = "bob", .registered_at = kAsOf},
                                        {.id = "carl", .registered_at = kAsOf + 1},
                                        {.id = "dora", .from = kAsOf + 1},
                                        {.id = "eve"},
                                        {.id = "ann", .registered_at = kAsOf + 1}}},
                         kAsOf, {});
  ASSERT_EQ(made.today().size(), 3u) << "ann bought, bob and eve are known";
  EXPECT_EQ(made.today().purchase_days[made.RowOf("bob")], 0);
  EXPECT_EQ(made.today().rows[made.RowOf("eve")], 0) << "her purchase is tomorrow's news";
  EXPECT_EQ(made.Whole("bob", "margin"), kNoWhole);
  EXPECT_EQ(made.Whole("bob", "average_order"), kNoWhole);
  EXPECT_EQ(made.Text("bob", "tenure_band"), "");
  EXPECT_EQ(made.Whole("ann", "margin"), kUnit);
}

TEST(ProfileStories, ACostAloneIsAMargin) {
  const MadeProfile made({.lines = {Buys("ann", kAsOf - 5, 7)},
                          .costs = {{.id = "bob", .period = kAsOf, .type = "contact", .amount = 2 * kUnit},
                                    {.id = "nobody", .period = kAsOf, .type = "contact", .amount = kUnit}},
                          .customers = {{.id = "bob"}}},
                         kAsOf, {});
  EXPECT_EQ(made.Whole("bob", "margin"), -2 * kUnit);
  EXPECT_EQ(made.Whole("bob", "contact_cost"), 2 * kUnit);
  EXPECT_EQ(made.Whole("ann", "margin"), 7 * kUnit);
}

TEST(ProfileStories, AReturnGivesBackWhatTheGoodsCost) {
  RawLine bought = Buys("ann", kAsOf - 9, 100), back = Returns("ann", kAsOf - 2, 100);
  bought.product = back.product = "tea";
  bought.quantity = 4 * kUnit;
  back.quantity = -4 * kUnit;
  const MadeProfile made({.lines = {bought, back, Buys("bob", kAsOf, 1)},
                          .products = {{.product = "tea", .unit_cost = 20 * kUnit},
                                       {.product = "tea", .from = kAsOf - 5, .unit_cost = 22 * kUnit}}},
                         kAsOf, {});
  EXPECT_EQ(made.Whole("ann", "goods_cost"), 80 * kUnit - 88 * kUnit) << "at the price of each day";
  EXPECT_EQ(made.Whole("ann", "margin"), 8 * kUnit);
  EXPECT_EQ(made.Whole("bob", "goods_cost"), kNoWhole);
}

TEST(ProfileStories, ASumThatLeavesItsColumnIsAnError) {
  RawLine line = Buys("ann", kAsOf, 1);
  line.cost = std::numeric_limits<int64_t>::max();
  const MadeProfile made({.lines = {line, line}}, kAsOf, {});
  EXPECT_THAT(made.status(), FailsWith(absl::StatusCode::kOutOfRange, "PROFILE_OVERFLOW"));
}

}  // namespace
}  // namespace strata
