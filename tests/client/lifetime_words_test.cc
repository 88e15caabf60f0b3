// Every lifetime model in words, and what is said where the data do not determine its parameters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/text/models_report.h"
#include "client/text/score_card.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

LifetimeModel Fitted(LifetimeKind kind, const std::vector<std::pair<std::string, double>>& estimates) {
  LifetimeModel model{.time_unit_days = 7};
  model.fit.fitted = true;
  model.fit.asked = model.fit.parameters.kind = kind;
  for (const auto& [name, value] : estimates) model.fit.estimates.push_back({.name = name, .estimate = value});
  model.fit.customers = 100;
  return model;
}

TEST(ModelsReport, SaysOfEveryModelHowOftenPeopleBuyAndHowTheyLeave) {
  struct Row {
    LifetimeModel model;
    const char* words;
  };
  Row rows[] = {{Fitted(LifetimeKind::kNbd, {{"r", 0.5}, {"alpha", 10}}), "Nobody leaves for good in this model"},
                {Fitted(LifetimeKind::kMbgNbd, {{"r", 0.5}, {"alpha", 10}, {"a", 1}, {"b", 3}}),
                 "After a purchase, the first one included, 25.0 % of customers leave for good"},
                {Fitted(LifetimeKind::kParetoNbd, {{"r", 0.5}, {"alpha", 10}, {"s", 1}, {"beta", 365.0 / 7}}),
                 "Within a year of their first purchase 50.0 % of customers leave for good."},
                {Fitted(LifetimeKind::kBgBb, {{"alpha", 1}, {"beta", 3}, {"gamma", 1}, {"delta", 9}}),
                 "Before an opportunity 10.0 % of them leave for good"},
                {Fitted(LifetimeKind::kSbg, {{"alpha", 1}, {"beta", 3}}),
                 "At the end of the first period 25.0 % of contracts end"},
                {Fitted(LifetimeKind::kBgCnbd, {{"r", 0.5}, {"alpha", 10}, {"a", 1}, {"b", 3}}),
                 "They buy regularly: k is 3, where 1 is at random and 12 like clockwork."}};
  rows[5].model.fit.parameters.k = 3;
  for (const Row& row : rows) {
    FittedModels models;
    models.lifetime = row.model;
    EXPECT_THAT(ModelsReport(models, "EUR"), HasSubstr(row.words));
  }
  FittedModels regular;
  regular.lifetime = rows[5].model;
  EXPECT_THAT(ModelsReport(regular, "EUR"), HasSubstr("Lifetime (BG/CNBD-3)"));
  EXPECT_THAT(ModelsReport(regular, "EUR"), HasSubstr("buys once in 420.0 days (k alpha / r)"));
}

TEST(ModelsReport, SaysAmongHowManyTheChoiceWas) {
  FittedModels models;
  std::vector<CandidateLine>& candidates = models.lifetime.emplace(ExampleLifetime()).candidates;
  candidates = {{.kind = LifetimeKind::kNbd, .takes_part = true, .chosen = true},
                {.kind = LifetimeKind::kBgNbd, .takes_part = true},
                {.kind = LifetimeKind::kMbgNbd, .words = "takes no part: attrition is not identified"}};
  EXPECT_THAT(ModelsReport(models, "EUR"), HasSubstr("Chosen among 2 models as of "));
  EXPECT_THAT(ModelsReport(models, "EUR"),
              HasSubstr("no other one foretold it clearly better; 1 more took no part.\n"));
  candidates[1].takes_part = false;
  const std::string alone = ModelsReport(models, "EUR");
  EXPECT_THAT(alone, HasSubstr(", as none of 2 other models could take part in the choice.\n"));
  EXPECT_THAT(alone, Not(HasSubstr("foretold it")));
}

TEST(ModelsReport, SaysThatTheHoldOutLooksAtNoCovariates) {
  FittedModels models;
  models.lifetime = ExampleLifetime();
  CovariateModel& covariates = models.lifetime->covariates.emplace();
  covariates.fit.fitted = true;
  covariates.coefficients = {
      {.told = {.name = "customers.region = south on rate", .estimate = 0.25, .low = 0.05, .high = 0.45}}};
  const std::string report = ModelsReport(models, "EUR");
  EXPECT_THAT(report, HasSubstr("  Tested, without its covariates, on the 90 days after 2024-01-01: "));
  EXPECT_THAT(report, HasSubstr("  customers.region = south on rate           1.28       0.2500"));
}

TEST(ScoreCard, SpeaksOfOpportunitiesWhereTheModelDoes) {
  FittedModels models;
  models.lifetime = Fitted(LifetimeKind::kBgBb, {{"alpha", 1}, {"beta", 3}, {"gamma", 1}, {"delta", 9}});
  const std::string card = ScoreCard("c-17", {ExampleInfo(), ExampleScore()}, &models);
  EXPECT_THAT(card, HasSubstr("3.22 (2.50 to 4.00) opportunities with a purchase in the next 365 days\n"));
  EXPECT_THAT(card, HasSubstr("Silence             0.25 times the usual gap, in whole opportunities;"));
  EXPECT_THAT(card, HasSubstr("0 to 8 opportunities with a purchase, 0.00 to"));
  models.lifetime = Fitted(LifetimeKind::kSbg, {{"alpha", 1}, {"beta", 3}});
  EXPECT_THAT(ScoreCard("c-17", {ExampleInfo(), ExampleScore()}, &models), HasSubstr("  Contract ends "));
}

TEST(ModelsReport, SaysWhatIsNotDeterminedAndNeverPrintsWhatStandsForInfinity) {
  FittedModels models;
  LifetimeModel& model = models.lifetime.emplace(ExampleLifetime());
  model.fit.parameters = {.kind = LifetimeKind::kNbd, .value = {1e6, 1e7}};
  model.fit.estimates[0] = {.name = "r", .words = "customers hardly differ"};
  model.fit.estimates[1] = {.name = "alpha", .words = "customers hardly differ"};
  model.fit.estimates[2] = {.name = "a", .words = "attrition is not identified"};
  model.fit.estimates[3] = {.name = "b", .words = "attrition is not identified"};
  model.fit.determined = {{.name = "r / alpha", .estimate = 0.1}};
  model.fit.identified = false;
  model.fit.warnings = {"attrition is not identified: every customer counts as alive"};
  model.warnings = {"the model is kept too long"};
  model.refit = false;
  model.refit_reason = "kept: 3 days old, fitted every 7 days";
  model.merged_share = 0.01;
  model.merged_is_bound = true;
  model.margin = {.asked = true, .factor = 0.25, .basis = "net less cost"};
  const std::string report = ModelsReport(models, "EUR");
  EXPECT_THAT(report, HasSubstr("Lifetime (NBD): r / alpha 0.1000, fitted on 900 customers\n"));
  EXPECT_THAT(report, HasSubstr("  An average active customer buys once in 70.0 days (alpha / r).\n"));
  EXPECT_THAT(report, HasSubstr("  BG/NBD was asked for; what the data show is told as well by NBD.\n"));
  EXPECT_THAT(report, HasSubstr("  Its parameters are of 2024-03-31, kept: 3 days old, fitted every 7 days.\n"));
  EXPECT_THAT(report, HasSubstr("  Up to 1.0 % of purchases fell on a day that already had one"));
  EXPECT_THAT(report, HasSubstr("  Values are margin, 25.0 % of what is spent: net less cost.\n"));
  EXPECT_THAT(report, HasSubstr("  ! attrition is not identified: every customer counts as alive\n"));
  EXPECT_THAT(report, HasSubstr("  ! the model is kept too long\n"));
  EXPECT_THAT(report, HasSubstr("not all parameters are identified"));
  EXPECT_THAT(report, Not(HasSubstr("1,000,000")));
  models.spend = SpendModel{.fitted = true, .boundary = "infinite_mean", .population_median = 12.5};
  models.spend->estimates = {{.name = "q", .words = "spend has no finite mean"}};
  EXPECT_THAT(ModelsReport(models, "EUR"), HasSubstr("half of the customers spend 12.50 EUR or less per purchase day"));
}

TEST(ModelsReport, WhatTheFitAndTheNightWarnOfIsToldOnce) {
  LifetimeModel model;
  model.fit.warnings = {"attrition is not identified", "as well"};
  model.warnings = {"as well", "of the night"};
  EXPECT_THAT(AllWarnings(model), testing::ElementsAre("attrition is not identified", "as well", "of the night"));
}

}  // namespace
}  // namespace strata
