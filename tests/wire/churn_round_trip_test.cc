// Churn of customers as answers and exports have it.
#include <gtest/gtest.h>

#include <cmath>

#include "strata/v1/score_service.pb.h"
#include "tests/base/status_matchers.h"
#include "wire/churn_scores.h"
#include "wire/score_export.h"

namespace strata {
namespace {

// Through bytes, as over the network.
template <typename Message>
Message Sent(const Message& message) {
  Message arrived;
  EXPECT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
  return arrived;
}

// Two features of one group, and a category.
FittedModels ModelsWithReasons() {
  FittedModels models;
  ChurnModel& churn = models.churn.emplace();
  churn.plan.features = {
      {.name = "recency_days", .unit = "days", .group = "inactivity", .high_words = "has not bought for long"},
      {.name = "overdue_ratio", .group = "inactivity", .high_words = "is overdue"},
      {.name = "main_region", .group = "place", .type = ColumnType::kText}};
  churn.plan.levels = {{}, {}, {"north", "south"}};
  churn.medians = {12, 0.5, 0};
  return models;
}

CustomerChurn TwoReasons() {
  CustomerChurn churn{.margin = 1.25, .value_at_risk = 40, .band = ChurnBand::kHigh, .reasons = {}};
  churn.reasons[0] = {.group = 0, .feature = 0, .contribution = 0.75f, .value = 74};
  churn.reasons[1] = {.group = 1, .feature = 2, .contribution = -0.5f, .value = 1};
  return churn;
}

TEST(ScoresOnTheWire, ReasonsArriveByNameAndInWords) {
  v1::Score message;
  FillChurn(TwoReasons(), ModelsWithReasons(), &message);
  const auto arrived = ReadReasons(Sent(message));
  ASSERT_OK(arrived);
  ASSERT_EQ(arrived->size(), 2u);
  EXPECT_EQ((*arrived)[0].group, "inactivity");
  EXPECT_EQ((*arrived)[0].feature, "recency_days");
  EXPECT_EQ((*arrived)[0].contribution, 0.75f);
  EXPECT_EQ((*arrived)[0].value, 74);
  EXPECT_EQ((*arrived)[0].words, "has not bought for long (74 days, usually 12)");
  EXPECT_EQ((*arrived)[1].words, "main_region is south");
  EXPECT_TRUE(std::isnan((*arrived)[1].value)) << "the code of a level says nothing";
  EXPECT_EQ(ReadChurn(message)->band, ChurnBand::kHigh);
  message.mutable_churn_reasons(0)->clear_group();
  EXPECT_THAT(ReadReasons(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
  message.set_churn_band(static_cast<v1::ChurnBand>(4));
  EXPECT_THAT(ReadChurn(message), SaysThat("4 is no band"));
}

TEST(ExportedColumns, HaveReasonsByNameAndNothingOfChurnWhereNothingIsKnown) {
  v1::ScoreColumns columns;
  AppendColumns({.id = "1", .score = {.rows = 1}}, &columns);
  FinishColumns(ModelsWithReasons(), &columns);
  EXPECT_FALSE(columns.has_churn());
  CustomerScore score{.rows = 1};
  score.churn = TwoReasons();
  columns.Clear();
  AppendColumns({.id = "1", .score = {.rows = 1}}, &columns);
  AppendColumns({.id = "2", .score = score}, &columns);
  FinishColumns(ModelsWithReasons(), &columns);
  auto rows = ReadColumns(Sent(columns));
  ASSERT_OK(rows);
  EXPECT_TRUE((*rows)[0].reasons.empty());
  ASSERT_EQ((*rows)[1].reasons.size(), 2u);
  EXPECT_EQ((*rows)[1].reasons[0].feature, "recency_days");
  EXPECT_EQ((*rows)[1].reasons[1].group, "place");
  EXPECT_EQ((*rows)[1].score.churn.value_at_risk, 40);
  columns.mutable_churn()->mutable_reason_groups()->at(3) = 2;
  EXPECT_THAT(ReadColumns(columns), SaysThat("a reason of group 2 of 2"));
  columns.mutable_churn()->mutable_reason_groups()->pop_back();
  EXPECT_THAT(ReadColumns(columns), SaysThat("not three for every customer"));
  columns.mutable_churn()->mutable_bands()->at(0) = 4;
  columns.mutable_churn()->clear_reason_groups();
  columns.mutable_churn()->clear_reason_features();
  columns.mutable_churn()->clear_reason_contributions();
  columns.mutable_churn()->clear_reason_values();
  EXPECT_THAT(ReadColumns(columns), SaysThat("4 is no band"));
}

}  // namespace
}  // namespace strata
