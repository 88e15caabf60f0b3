// The choice of a model by what customers did after the fit.
#include "model/lifetime/choose_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/lifetime/forecast.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

using testing::HasSubstr;

struct Base {
  std::vector<HoldoutRow> rows;
  double log_gaps = 0;
};

// Days from times in weeks; a customer buys once a day at most.
Base Simulated(const LifetimeParameters& truth, const DrawNature& nature, int customers, int holdout_days,
               uint64_t seed) {
  Random random(seed);
  Base base;
  for (int i = 0; i < customers; ++i) {
    HoldoutRow row{.x = 0, .t_x_days = 0, .T_days = 300 + i % 400, .y = 0, .customers = 1};
    int32_t last = 0;
    for (const double time : PurchaseTimes(truth, nature(&random), (row.T_days + holdout_days) / 7.0, &random)) {
      const auto day = static_cast<int32_t>(std::ceil(7 * time));
      if (day == last || day > row.T_days + holdout_days) continue;
      if (day > row.T_days) {
        ++row.y;
      } else {
        ++row.x;
        row.t_x_days = day;
        base.log_gaps += std::log((day - last) / 7.0);
      }
      last = day;
    }
    base.rows.push_back(row);
  }
  return base;
}

Choice Chosen(const Base& base) { return ChooseModel(base.rows, base.log_gaps, 7, 182, {}); }

TEST(ChooseModel, LoyalCustomersNeedNoMoreThanNbd) {
  const LifetimeParameters truth{.kind = LifetimeKind::kNbd, .value = {0.8, 9, 0, 0}, .k = 1};
  const Choice choice = Chosen(Simulated(truth, NatureOf(truth), 3000, 182, 1));
  ASSERT_EQ(choice.candidates.size(), 5u);
  ASSERT_TRUE(choice.chosen);
  EXPECT_EQ(*choice.chosen, 0u);
  EXPECT_THAT(choice.candidates[1].words, HasSubstr("attrition is not identified"));
  EXPECT_LT(std::fabs(choice.candidates[0].bias), 0.05);
  EXPECT_TRUE(choice.warnings.empty());
}

TEST(ChooseModel, DropOutBeatsNbdClearly) {
  const LifetimeParameters truth{.kind = LifetimeKind::kBgNbd, .value = {0.8, 6, 0.8, 2.4}, .k = 1};
  const Choice choice = Chosen(Simulated(truth, NatureOf(truth), 4000, 182, 2));
  EXPECT_GE(*choice.chosen, 1u);
  const Candidate& bg = choice.candidates[1];
  EXPECT_TRUE(bg.takes_part);
  EXPECT_GT(bg.gain, 5 * bg.gain_error);
  EXPECT_GT(choice.candidates[0].bias, 0.1);  // who never leaves is expected to buy on
  EXPECT_LT(std::fabs(bg.bias), 0.1);
}

TEST(ChooseModel, RegularTimingIsSeen) {
  const LifetimeParameters truth{.kind = LifetimeKind::kMbgCnbd, .value = {1.2, 3, 0.9, 4}, .k = 4};
  const Base base = Simulated(truth, NatureOf(truth), 3000, 182, 3);
  const Choice choice = Chosen(base);
  EXPECT_EQ(*choice.chosen, 4u);
  EXPECT_GE(choice.candidates[4].fit.parameters.k, 3);
  // Without the gaps regular timing cannot be fitted, and says so.
  const Choice unknown = ChooseModel(base.rows, std::nullopt, 7, 182, {});
  EXPECT_LT(*unknown.chosen, 4u);
  EXPECT_THAT(unknown.candidates[4].words, HasSubstr("gaps"));
}

// Who all buy about every four weeks, until each is as likely to stop as the other: rates and drop-out lie at limits.
TEST(ChooseModel, CustomersWhoAreAllAlikeAreForetoldByWhatTheyHaveInCommon) {
  const LifetimeParameters kind{.kind = LifetimeKind::kMbgCnbd, .value = {1, 1, 1, 1}, .k = 8};
  const DrawNature alike = [](Random*) { return Nature{2.0, 0.15}; };
  const Choice choice = Chosen(Simulated(kind, alike, 1500, 182, 6));
  ASSERT_TRUE(choice.chosen);
  EXPECT_EQ(*choice.chosen, 4u);
  const Candidate& regular = choice.candidates[4];
  EXPECT_FALSE(regular.fit.identified);
  EXPECT_THAT(regular.words, HasSubstr("customers hardly differ in how often they buy"));
  EXPECT_LT(std::fabs(regular.bias), 0.15);
  EXPECT_GT(choice.candidates[0].bias, 0.3) << "who never leaves is expected to buy on";
  for (const Candidate& candidate : choice.candidates) EXPECT_TRUE(candidate.takes_part) << candidate.words;
}

TEST(ChooseModel, AHoldOutWithoutAPurchaseSaysSoAndKnowsNoBias) {
  const LifetimeParameters truth{.kind = LifetimeKind::kBgNbd, .value = {0.8, 6, 0.8, 2.4}, .k = 1};
  Base base = Simulated(truth, NatureOf(truth), 1500, 182, 7);
  for (HoldoutRow& row : base.rows) row.y = 0;
  const Choice choice = Chosen(base);
  ASSERT_TRUE(choice.chosen);
  for (const Candidate& candidate : choice.candidates) {
    EXPECT_TRUE(!candidate.takes_part || std::isnan(candidate.bias)) << candidate.bias;
  }
  EXPECT_THAT(choice.warnings, testing::ElementsAre(HasSubstr("nobody bought anything in the hold-out")));
}

TEST(ChooseModel, DoesNotDependOnTheOrderOfRows) {
  const LifetimeParameters truth{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1};
  Base base = Simulated(truth, NatureOf(truth), 1500, 182, 4);
  const Choice choice = Chosen(base);
  std::reverse(base.rows.begin(), base.rows.end());
  const Choice reversed = Chosen(base);
  EXPECT_EQ(choice.chosen, reversed.chosen);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(choice.candidates[i].log_probability, reversed.candidates[i].log_probability) << i;
    EXPECT_EQ(choice.candidates[i].gain, reversed.candidates[i].gain) << i;
  }
}

TEST(ChooseModel, NothingIsChosenWhereNothingCanBeFitted) {
  const Choice choice = Chosen({.rows = {{.x = 0, .t_x_days = 0, .T_days = 40, .y = 1, .customers = 100}}});
  EXPECT_FALSE(choice.chosen);
  for (const Candidate& candidate : choice.candidates) EXPECT_THAT(candidate.words, HasSubstr("not fitted"));
}

TEST(ChooseModel, ProbabilitiesOfRowsAreThoseOfCustomersOneByOne) {
  const LifetimeParameters truth{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1};
  std::vector<HoldoutRow> rows = Simulated(truth, NatureOf(truth), 300, 182, 5).rows;
  rows.push_back({.x = 0, .t_x_days = 0, .T_days = 700, .y = 182, .customers = 1});  // nobody does that
  for (const LifetimeKind kind :
       {LifetimeKind::kNbd, LifetimeKind::kMbgNbd, LifetimeKind::kParetoNbd, LifetimeKind::kBgCnbd}) {
    const bool simple = kind == LifetimeKind::kNbd;
    const LifetimeParameters at{
        .kind = kind, .value = {0.8, 6, simple ? 0 : 0.8, simple ? 0.0 : 12}, .k = IsRegular(kind) ? 2 : 1};
    const std::vector<double> found = LogCountProbabilities(rows, at, 7, 182);
    for (size_t i = 0; i < rows.size(); ++i) {
      const PurchaseHistory history{.x = rows[i].x, .t_x = rows[i].t_x_days / 7.0, .T = rows[i].T_days / 7.0};
      const double alone = std::max(LogCountProbability(at, history, 26, rows[i].y), std::log(kCountProbabilityMin));
      EXPECT_NEAR(found[i], alone, 1e-9) << Name(kind) << " row " << i << " y " << rows[i].y;
    }
  }
}

}  // namespace
}  // namespace strata
