#include "model/churn/value_at_risk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

TEST(ValueAtRisk, IsTheProbabilityTimesWhatStayingWouldBring) {
  // A third of such customers buy, for 60 on average of those who do: 20 over all of them.
  EXPECT_DOUBLE_EQ(ValueOfStaying(20, 2.0 / 3), 60);
  EXPECT_DOUBLE_EQ(ValueAtRisk(0.75, 60), 45);
}

TEST(ValueAtRisk, CountsNoLossOfWhatIsNegative) {
  EXPECT_EQ(ValueOfStaying(-5, 0.5), 0);
  EXPECT_EQ(ValueFromHistory(-5'000'000, 90, 1), 0);
}

TEST(ValueAtRisk, IsNotKnownWhereAPartIsNot) {
  EXPECT_TRUE(std::isnan(ValueOfStaying(kUnknown, 0.5)));
  EXPECT_TRUE(std::isnan(ValueOfStaying(20, kUnknown)));
  EXPECT_TRUE(std::isnan(ValueOfStaying(20, 1))) << "nobody stays";
  EXPECT_TRUE(std::isnan(ValueAtRisk(kUnknown, 10)));
  EXPECT_TRUE(std::isnan(ValueAtRisk(0.5, kUnknown)));
}

TEST(ValueAtRisk, TakesTheLastYearWhereThereIsNoLifetimeModel) {
  EXPECT_DOUBLE_EQ(ValueFromHistory(365'000'000, 90, 0.4), 36);
}

TEST(ChurnBands, HaveTheirLowerEnds) {
  ChurnModel model;
  model.band_low = 0.33;
  model.band_high = 0.66;
  EXPECT_EQ(BandOf(model, 0.0), ChurnBand::kLow);
  EXPECT_EQ(BandOf(model, 0.3299), ChurnBand::kLow);
  EXPECT_EQ(BandOf(model, 0.33), ChurnBand::kMedium);
  EXPECT_EQ(BandOf(model, 0.66), ChurnBand::kHigh);
  EXPECT_EQ(BandOf(model, 1.0), ChurnBand::kHigh);
  EXPECT_EQ(BandOf(model, kUnknown), ChurnBand::kNone);
  EXPECT_STREQ(Name(ChurnBand::kMedium), "medium");
}

}  // namespace
}  // namespace strata
