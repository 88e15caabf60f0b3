// The rules of the data, told by hand: what counts as a purchase, and where its money goes.
#include <gtest/gtest.h>

#include "data/ledger/features.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

// The columns of one customer with these rows as of kAsOf.
class Story {
 public:
  explicit Story(std::vector<RawRow> rows, FeatureDates dates = {.as_of = kAsOf}) {
    for (RawRow& row : rows) row.id = "ann";
    const std::string segment = BuildShard({ToBatch(rows, false)}, false)->segment;
    result_ = *BuildFeatures(ShardOver(segment), dates);
    file_ = *FeatureFile::Open(result_.bytes);
  }
  const CustomerColumns& today() const { return file_->features().today; }
  const CustomerColumns& test() const { return file_->features().churn_test; }
  const CustomerColumns& train() const { return file_->features().churn_train; }
  const FeatureResult& result() const { return result_; }

 private:
  FeatureResult result_;
  std::optional<FeatureFile> file_;
};

RawRow Buys(Day day, int64_t micros, int32_t file = 0) { return {.day = day, .net_micros = micros, .file = file}; }
RawRow Returns(Day day, int64_t micros, int32_t file = 0) {
  return {.day = day, .net_micros = -micros, .is_return = true, .file = file};
}

TEST(FeatureStories, AZeroAmountIsAPurchase) {
  const Story story({Buys(kAsOf - 10, 0), Buys(kAsOf - 3, 0)});
  EXPECT_EQ(story.today().purchase_days[0], 2);
  EXPECT_EQ(story.today().net_micros[0], 0);
  EXPECT_EQ(story.today().squared_gap_days[0], 49);
}

TEST(FeatureStories, ADayOfReturnsIsNoPurchaseButItsMoneyCounts) {
  const Story story({Buys(kAsOf - 20, 100), Returns(kAsOf - 10, 30), Buys(kAsOf - 5, 50)});
  EXPECT_EQ(story.today().purchase_days[0], 2);
  EXPECT_EQ(story.today().net_micros[0], 120);
  EXPECT_EQ(story.today().repeat_net_micros[0], 50);
  EXPECT_EQ(story.today().return_rows[0], 1);
  EXPECT_EQ(story.today().squared_gap_days[0], 15 * 15);
}

TEST(FeatureStories, AReturnOnARepeatPurchaseDayIsPartOfThatDay) {
  const Story story({Buys(kAsOf - 20, 100), Buys(kAsOf - 5, 50), Returns(kAsOf - 5, 80)});
  EXPECT_EQ(story.today().repeat_net_micros[0], -30);
  EXPECT_EQ(story.today().purchase_days[0], 2);
}

TEST(FeatureStories, ANetBelowZeroIsStillACustomer) {
  const Story story({Buys(kAsOf - 20, 10), Returns(kAsOf - 19, 100)});
  EXPECT_EQ(story.today().net_micros[0], -90);
  EXPECT_EQ(story.result().customers_with_purchase, 1);
}

TEST(FeatureStories, WhoOnlyReturnsIsInTheBaseWithoutAPurchase) {
  const Story story({Returns(kAsOf - 20, 10)});
  EXPECT_EQ(story.result().customers, 1);
  EXPECT_EQ(story.result().customers_with_purchase, 0);
  EXPECT_EQ(story.today().purchase_days[0], 0);
  EXPECT_EQ(story.today().first_day[0], 0);
  EXPECT_EQ(story.today().last_day[0], 0);
  EXPECT_EQ(story.today().net_micros[0], -10);
}

TEST(FeatureStories, AReturnBeforeTheFirstPurchaseDoesNotStartTheClock) {
  const Story story({Returns(kAsOf - 40, 10), Buys(kAsOf - 20, 70), Buys(kAsOf - 10, 5)});
  EXPECT_EQ(story.today().first_day[0], kAsOf - 20);
  EXPECT_EQ(story.today().last_day[0], kAsOf - 10);
  EXPECT_EQ(story.today().repeat_net_micros[0], 5);
  EXPECT_EQ(story.today().net_micros[0], 65);
  EXPECT_EQ(story.today().squared_gap_days[0], 100);
}

TEST(FeatureStories, TwoFilesOfOneDayAreOneDay) {
  const Story story({Buys(kAsOf - 9, 10, 1), Buys(kAsOf - 9, 20, 2), Returns(kAsOf - 2, 5, 1), Buys(kAsOf - 2, 8, 2)});
  EXPECT_EQ(story.today().purchase_days[0], 2);
  EXPECT_EQ(story.today().repeat_net_micros[0], 3);
  EXPECT_EQ(story.today().rows[0], 4);
}

TEST(FeatureStories, WindowsIncludeTheDateAndEndADayEarly) {
  const Story story({Buys(kAsOf, 1), Buys(kAsOf - 29, 2), Buys(kAsOf - 30, 4), Buys(kAsOf - 89, 8),
                     Buys(kAsOf - 90, 16), Buys(kAsOf - 364, 32), Buys(kAsOf - 365, 64)});
  EXPECT_EQ(story.today().purchase_days_30[0], 2);
  EXPECT_EQ(story.today().purchase_days_90[0], 4);
  EXPECT_EQ(story.today().purchase_days_180[0], 5);
  EXPECT_EQ(story.today().purchase_days_365[0], 6);
  EXPECT_EQ(story.today().net_micros_90[0], 15);
  EXPECT_EQ(story.today().net_micros_365[0], 63);
}

// Every window of every view is counted in the same walk over the days: none may take another's bound.
TEST(FeatureStories, WindowsOfTheCutoffsEndAtTheCutoffs) {
  constexpr int kHorizonDays = 7;
  std::vector<RawRow> rows;
  for (Day back = 0; back <= 400; ++back) rows.push_back(Buys(kAsOf - back, int64_t{1} << (back % 40)));
  const Story story(rows, {.as_of = kAsOf, .has_churn = true, .churn_horizon_days = kHorizonDays});
  const auto net_of_last = [](Day date, Day days) {
    int64_t net = 0;
    for (Day day = date - days + 1; day <= date; ++day) net += int64_t{1} << ((kAsOf - day) % 40);
    return net;
  };
  for (const CustomerColumns* view : {&story.today(), &story.test(), &story.train()}) {
    SCOPED_TRACE(testing::Message() << "as of " << view->as_of);
    EXPECT_EQ(view->purchase_days[0], 401 - (kAsOf - view->as_of));
    EXPECT_EQ(view->last_day[0], view->as_of);
    EXPECT_EQ(view->purchase_days_30[0], 30);
    EXPECT_EQ(view->purchase_days_90[0], 90);
    EXPECT_EQ(view->purchase_days_180[0], 180);
    EXPECT_EQ(view->purchase_days_365[0], 365);
    EXPECT_EQ(view->net_micros_90[0], net_of_last(view->as_of, 90));
    EXPECT_EQ(view->net_micros_365[0], net_of_last(view->as_of, 365));
    EXPECT_EQ(view->squared_gap_days[0], view->purchase_days[0] - 1);
    EXPECT_EQ(view->future_purchase_days[0], view->as_of == kAsOf ? -1 : kHorizonDays);
  }
}

TEST(FeatureStories, TheLabelIsTheWindowAfterTheCutoff) {
  const FeatureDates dates{.as_of = kAsOf, .has_churn = true, .churn_horizon_days = 10};
  const Story story({Buys(kAsOf - 25, 1), Buys(kAsOf - 20, 1), Buys(kAsOf - 19, 1), Buys(kAsOf - 10, 1),
                     Buys(kAsOf - 9, 1), Returns(kAsOf - 8, 1), Buys(kAsOf, 1), Buys(kAsOf + 1, 1)},
                    dates);
  EXPECT_EQ(story.test().as_of, kAsOf - 10);
  EXPECT_EQ(story.test().future_purchase_days[0], 2);  // the day after the cutoff, and the date
  EXPECT_EQ(story.test().purchase_days[0], 4);
  EXPECT_EQ(story.train().as_of, kAsOf - 20);
  EXPECT_EQ(story.train().future_purchase_days[0], 2);
  EXPECT_EQ(story.train().purchase_days[0], 2);
  EXPECT_EQ(story.today().future_purchase_days[0], -1);
  EXPECT_EQ(story.result().rows_after_as_of_by_file, (std::map<int32_t, int64_t>{{0, 1}}));
}

TEST(FeatureStories, WhoCameLaterIsNotInTheView) {
  const FeatureDates dates{.as_of = kAsOf, .has_churn = true, .churn_horizon_days = 10};
  const Story young({Buys(kAsOf - 12, 1)}, dates);
  EXPECT_EQ(young.today().size(), 1u);
  EXPECT_EQ(young.test().size(), 1u);
  EXPECT_EQ(young.train().size(), 0u);
  const Story unborn({Buys(kAsOf + 1, 1)}, dates);
  EXPECT_EQ(unborn.today().size(), 0u);
  EXPECT_EQ(unborn.result().customers, 0);
}

}  // namespace
}  // namespace strata
