// How long customers stayed, as the profile tells it of days that come from files.
#include "data/profile/churn_columns.h"

#include <gtest/gtest.h>

#include "data/profile/job_profile.h"
#include "tests/data/profile/raw_profile.h"

namespace strata {
namespace {

TEST(ChurnColumns, TellTheFirstLongGapAndNoReturns) {
  RawBase base;
  base.lines = {{.id = "gone", .day = 100, .net = 10},
                {.id = "gone", .day = 130, .net = 10},
                {.id = "gone", .day = 150, .net = -10, .is_return = true},  // no purchase: the gap opened on day 130
                {.id = "there", .day = 100, .net = 10},
                {.id = "there", .day = 140, .net = 10},
                {.id = "there", .day = 180, .net = 10},
                {.id = "young", .day = 170, .net = 10},
                {.id = "returner", .day = 100, .net = -10, .is_return = true}};
  MadeProfile::Options options;
  options.details = false;
  options.rules.churn_days = 40;
  const MadeProfile made(base, 200, options);
  EXPECT_EQ(made.Whole("gone", kChurnTenure), 30);
  EXPECT_EQ(made.Whole("gone", kChurnLost), 1);
  EXPECT_EQ(made.Whole("there", kChurnTenure), 60) << "to day 160, a horizon before the date";
  EXPECT_EQ(made.Whole("there", kChurnLost), 0);
  for (const char* nobody : {"young", "returner"}) {
    EXPECT_EQ(made.Whole(nobody, kChurnTenure), kNoWhole) << nobody;
    EXPECT_EQ(made.Whole(nobody, kChurnLost), kNoWhole) << nobody;
  }
  options.rules.churn_days.reset();
  EXPECT_EQ(MadeProfile(base, 200, options).columns().Find(kChurnTenure), nullptr);
}

TEST(ChurnColumns, AreMadeForWhoAsksForSurvival) {
  Job job;
  job.reports = {"churn_survival"};
  EXPECT_EQ(ProfileRulesOf(job, 200).churn_days, std::nullopt) << "without churn there is no horizon";
  job.churn = ChurnSettings{.horizon_days = 60};
  EXPECT_EQ(ProfileRulesOf(job, 200).churn_days, 60);
  job.reports = {"churn_loss"};
  EXPECT_EQ(ProfileRulesOf(job, 200).churn_days, std::nullopt);
  job.all_reports = true;
  EXPECT_EQ(ProfileRulesOf(job, 200).churn_days, 60);
}

}  // namespace
}  // namespace strata
