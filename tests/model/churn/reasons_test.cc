#include "model/churn/reasons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

ChurnModel Model() {
  ChurnModel model;
  model.plan.features = {
      {.name = "recency_days",
       .unit = "days",
       .group = "inactivity",
       .high_words = "has not bought for long",
       .low_words = "bought lately"},
      {.name = "purchase_days_90", .unit = "purchase days", .group = "frequency", .low_words = "buys less often"},
      {.name = "overdue_ratio", .group = "inactivity", .high_words = "is overdue"},
      {.name = "net_365", .unit = "currency units", .group = "spend", .high_words = "spends much"},
      {.name = "main_region", .group = "place", .type = ColumnType::kText},
  };
  model.plan.levels = {{}, {}, {}, {}, {"north", "south"}};
  model.medians = {12, 4, 0.75, 100.5, kUnknown};
  return model;
}

struct Told {
  std::string group, feature;
  double contribution;
  bool operator==(const Told&) const = default;
};
void PrintTo(const Told& told, std::ostream* out) {
  *out << told.group << '/' << told.feature << ' ' << told.contribution;
}

std::vector<Told> Find(const std::vector<double>& contributions) {
  const ChurnModel model = Model();
  const std::vector<double> values(5, 1);
  std::vector<Told> told;
  for (const ChurnReason& reason : ReasonFinder(model.plan).Find(contributions, values)) {
    if (!reason.is_there()) continue;
    told.push_back({GroupsOf(model.plan)[reason.group], model.plan.features[reason.feature].name, reason.contribution});
  }
  return told;
}

TEST(Reasons, AreSumsOfGroupsTheStrongestFirst) {
  EXPECT_THAT(Find({0.25, 0.5, 0.5, 0, 0}), testing::ElementsAre(Told{"inactivity", "overdue_ratio", 0.75},
                                                                 Told{"frequency", "purchase_days_90", 0.5}));
}

TEST(Reasons, ShowTheStrongestFeatureOfTheGroupsOwnSign) {
  // Of inactivity, recency pulls most, but against the sum's direction.
  EXPECT_THAT(Find({-0.5, 0, 0.75, 0, 0}), testing::ElementsAre(Told{"inactivity", "overdue_ratio", 0.25}));
}

TEST(Reasons, LeaveOutWhatHardlyMatters) { EXPECT_THAT(Find({0.04, -0.05, 0, 0.05, 0}), testing::IsEmpty()); }

TEST(Reasons, AreThreeThatRaiseTheRisk) {
  EXPECT_THAT(Find({0.5, 0.25, 0, 0.75, 1}),
              testing::ElementsAre(Told{"place", "main_region", 1}, Told{"spend", "net_365", 0.75},
                                   Told{"inactivity", "recency_days", 0.5}));
}

TEST(Reasons, EndWithTheOneThatLowersItMostWhereThereIsRoom) {
  EXPECT_THAT(Find({0.5, -0.25, 0, -1, -0.5}),
              testing::ElementsAre(Told{"inactivity", "recency_days", 0.5}, Told{"spend", "net_365", -1}));
  EXPECT_THAT(Find({0.5, -2, 0, 0.25, 0.75}).size(), 3u);
}

TEST(Reasons, OfEqualOnesTheFirstGroupComesFirst) {
  EXPECT_THAT(Find({0.25, 0.25, 0, 0.25, 0.25}),
              testing::ElementsAre(Told{"inactivity", "recency_days", 0.25},
                                   Told{"frequency", "purchase_days_90", 0.25}, Told{"spend", "net_365", 0.25}));
}

TEST(Reasons, SayWhatAMarketerUnderstands) {
  const ChurnModel model = Model();
  const auto words = [&](uint8_t feature, double value) {
    return ReasonWords(model, {.group = 0, .feature = feature, .contribution = 1, .value = static_cast<float>(value)});
  };
  EXPECT_EQ(words(0, 74), "has not bought for long (74 days, usually 12)");
  EXPECT_EQ(words(0, 3), "bought lately (3 days, usually 12)");
  EXPECT_EQ(words(0, 12), "recency_days (12 days)");
  EXPECT_EQ(words(0, kUnknown), "recency_days is not known");
  EXPECT_EQ(words(1, 9), "purchase_days_90 (9 purchase days, usually 4)") << "there are no words for many of them";
  EXPECT_EQ(words(2, 6.28125), "is overdue (6.28, usually 0.75)");
  EXPECT_EQ(words(3, 1234.5678), "spends much (1235 currency units, usually 100)") << "100.5 rounds to even";
  EXPECT_EQ(words(4, 1), "main_region is south");
  EXPECT_EQ(words(4, kUnknown), "main_region is not known, or seldom met");
  EXPECT_EQ(ReasonWords(model, ChurnReason()), "");
}

}  // namespace
}  // namespace strata
