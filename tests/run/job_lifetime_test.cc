// The section models.lifetime of a job: what it means, what is refused, and what stays as it was for jobs that say
// little.
#include "run/job_lifetime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run/job_file.h"

namespace strata {
namespace {

using testing::HasSubstr;
using Holdout = LifetimeSettings::Holdout;
using Refit = LifetimeSettings::Refit;

constexpr char kHead[] = R"(name: lifetimes
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a, cost: k}}
  customers:
    uri: c.csv
    columns: {customer_id: id, gender: sex, age: y}
    extra:
      left_at: {column: l, type: day}
      joined_at: {column: j, type: day}
models:
  lifetime: )";

absl::StatusOr<Job> Parse(const std::string& lifetime) { return ParseJob(kHead + lifetime + "\n", "j"); }

LifetimeSettings Read(const std::string& lifetime) {
  const absl::StatusOr<Job> job = Parse(lifetime);
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() ? *job->lifetime : LifetimeSettings{};
}

TEST(JobLifetime, SaysLittleByDefault) {
  for (const char* text : {"", "{model: bg_nbd}", "{holdout_days: none, refit: nightly, bootstrap: none}"}) {
    const LifetimeSettings settings = Read(text);
    EXPECT_EQ(settings.model, "bg_nbd");
    EXPECT_FALSE(settings.is_auto() || settings.k.has_value() || settings.covariates.has_value());
    EXPECT_TRUE(settings.spend);
    EXPECT_EQ(settings.holdout, Holdout::kNone);
    EXPECT_EQ(settings.refit, Refit::kNightly);
    EXPECT_EQ(settings.interval, 0.9);
    EXPECT_EQ(settings.bootstrap, 0);
    EXPECT_TRUE(settings.prior.empty() && settings.ProfileColumns().empty());
    EXPECT_TRUE(settings.margin) << "the job knows costs";
  }
  EXPECT_FALSE(ParseJob("name: a\ncurrency: EUR\nsources:\n  transactions: {uri: t, columns: {customer_id: c, time: t, "
                        "amount: a}}\nmodels:\n  lifetime:\n",
                        "j")
                   ->lifetime->margin);
  EXPECT_EQ(Read("{model: auto}").holdout, Holdout::kAuto);
  EXPECT_EQ(Read("{model: auto}").choose_days, 90);
}

TEST(JobLifetime, ReadsEveryKey) {
  const LifetimeSettings settings = Read(
      "{model: auto, spend: none, value: net, time_unit: day, horizon_days: 90, discount_rate_annual: 0,\n"
      "    holdout_days: 60, choose: 30, refit: {every_days: 7}, interval: 0.8,\n"
      "    covariates: {rate: [customers.gender, customers.age], dropout: [customers.age], dropout_strength: true,\n"
      "                 reference: {customers.gender: f}, scale: {customers.age: 10}, prior_sd: 1.5},\n"
      "    prior: {r: {median: 0.5, factor: 3}, beta: {median: 20, factor: 2}}}");
  EXPECT_TRUE(settings.is_auto());
  EXPECT_FALSE(settings.spend || settings.margin);
  EXPECT_EQ(settings.holdout, Holdout::kDays);
  EXPECT_EQ(settings.holdout_days, 60);
  EXPECT_EQ(settings.choose_days, 30);
  EXPECT_EQ(settings.refit, Refit::kEvery);
  EXPECT_EQ(settings.refit_days, 7);
  EXPECT_EQ(settings.interval, 0.8);
  const LifetimeCovariates expected{.rate = {"customers.gender", "customers.age"},
                                    .dropout = {"customers.age"},
                                    .dropout_strength = true,
                                    .reference = {{"customers.gender", "f"}},
                                    .scale = {{"customers.age", 10}},
                                    .prior_sd = 1.5};
  EXPECT_EQ(settings.covariates, expected);
  EXPECT_EQ(settings.ProfileColumns(), (std::vector<std::string>{"customers.age", "customers.gender"}));
  EXPECT_EQ(settings.prior.at("r"), (LifetimePrior{0.5, 3}));
  EXPECT_EQ(settings.prior.at("beta"), (LifetimePrior{20, 2}));
  EXPECT_EQ(Read("{model: mbg_cnbd, k: 3}").k, 3);
  EXPECT_FALSE(Read("{model: bg_cnbd, k: auto}").k.has_value());
  EXPECT_FALSE(Read("{interval: none}").interval.has_value());
  EXPECT_EQ(Read("{bootstrap: 200}").bootstrap, 200);
  EXPECT_EQ(Read("{model: bg_bb, opportunity: {days: 30}}").opportunity, (LifetimePeriod{"", 30}));
  const LifetimeSettings contracts = Read(
      "{model: sbg, contract: {start: customers.joined_at, end: customers.left_at,\n"
      "    period: {calendar: year}}}");
  EXPECT_FALSE(contracts.spend || contracts.margin);
  EXPECT_EQ(contracts.contract->period, (LifetimePeriod{"year", 0}));
  EXPECT_EQ(contracts.ProfileColumns(), (std::vector<std::string>{"customers.joined_at", "customers.left_at"}));
}

struct Refused {
  const char* lifetime;
  const char* key;  // after models.lifetime.
  std::vector<const char*> parts;
};

void ExpectRefused(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    const absl::StatusOr<Job> job = Parse(c.lifetime);
    SCOPED_TRACE(c.lifetime);
    ASSERT_FALSE(job.ok());
    EXPECT_EQ(DetailOf(job.status())->reason, "JOB_INVALID");
    const std::string message(job.status().message());
    EXPECT_THAT(message, HasSubstr(std::string(": models.lifetime.") + c.key + ": "));
    for (const char* part : c.parts) EXPECT_THAT(message, HasSubstr(part));
  }
}

TEST(JobLifetime, WhatMakesNoSenseIsRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"{model: pareto}", "model", {"'pareto'", "did you mean 'pareto_nbd'?"}},
      {"{k: 2}", "k", {"the model is bg_nbd", "only with bg_cnbd or mbg_cnbd"}},
      {"{model: bg_cnbd, k: 13}", "k", {"'13'", "auto, or a whole number from 1 to 12"}},
      {"{value: gross}", "value", {"'gross'", "margin, net"}},
      {"{holdout_days: 27}", "holdout_days", {"'27'", "auto, none, or a whole number from 28 to 3650"}},
      {"{model: auto, holdout_days: none}", "holdout_days", {"chooses by the hold-out"}},
      {"{model: bg_bb, opportunity: {days: 7}, holdout_days: 60}", "holdout_days", {"bg_bb is not judged"}},
      {"{model: bg_bb, opportunity: {days: 7}, time_unit: day}", "time_unit", {"counts in the periods of opportunity"}},
      {"{model: sbg, time_unit: month}", "time_unit", {"periods of contract", "models of purchase histories"}},
      {"{choose: 30}", "choose", {"only with model: auto"}},
      {"{model: auto, choose: 0}", "choose", {"'0'", "1 to 3650"}},
      {"{model: auto, choose: 30, refit: frozen}", "choose", {"refit is frozen"}},
      {"{refit: weekly}", "refit", {"'weekly'", "nightly, frozen, or {every_days: N}"}},
      {"{refit: {every_days: 0}}", "refit.every_days", {"'0'", "1 to 3650"}},
      {"{refit: {}}", "refit.every_days", {"missing"}},
      {"{interval: 1}", "interval", {"'1'", "none, or a number from 0.5 to 0.99"}},
      {"{bootstrap: 5}", "bootstrap", {"'5'", "none, or a whole number from 20 to 1000"}},
      {"{bootstrap: 200, interval: none}", "bootstrap", {"one of the two"}},
      {"{prior: {s: {median: 1, factor: 2}}}", "prior.s", {"unknown key", "r, alpha, a, b"}},
      {"{prior: {r: {median: 1}}}", "prior.r.factor", {"missing", "greater than 1"}},
      {"{prior: {r: {median: 1, factor: 1}}}", "prior.r.factor", {"'1'", "1.01"}},
      {"{prior: {r: {median: 0, factor: 2}}}", "prior.r.median", {"'0'"}},
  });
}

TEST(JobLifetime, SoAreColumnsThatAreNotThereOrOfAnotherKind) {
  ExpectRefused({
      {"{covariates: {}}", "covariates.rate", {"neither rate nor dropout"}},
      {"{covariates: {rate: [customers.gendre]}}", "covariates.rate", {"did you mean 'customers.gender'?"}},
      {"{covariates: {rate: [customers.income]}}", "covariates.rate", {"'customers.income'", "customers.gender"}},
      {"{covariates: {rate: [customers.left_at]}}", "covariates.rate", {"holds dates", "numbers, flags or words"}},
      {"{covariates: {rate: [net]}}", "covariates.rate", {"'net'", "columns of the customers' tables"}},
      {"{covariates: {rate: [customers.age, customers.age]}}", "covariates.rate", {"twice"}},
      {"{model: nbd, covariates: {dropout: [customers.age]}}", "covariates.dropout", {"the model is nbd"}},
      {"{model: pareto_nbd, covariates: {dropout: [customers.age], dropout_strength: true}}",
       "covariates.dropout_strength",
       {"the model is pareto_nbd"}},
      {"{covariates: {rate: [customers.age], common_factor: true}}", "covariates.common_factor", {"with dropout"}},
      {"{covariates: {dropout: [customers.age], dropout_strength: true, common_factor: true}}",
       "covariates.common_factor",
       {"one of the two"}},
      {"{covariates: {rate: [customers.age], reference: {customers.gender: f}}}",
       "covariates.reference.customers.gender",
       {"no covariate"}},
      {"{covariates: {rate: [customers.age], reference: {customers.age: f}}}",
       "covariates.reference.customers.age",
       {"a column of numbers"}},
      {"{covariates: {rate: [customers.gender], scale: {customers.gender: 2}}}",
       "covariates.scale.customers.gender",
       {"a column of words"}},
      {"{covariates: {rate: [customers.age], scale: {customers.age: 0}}}", "covariates.scale.customers.age", {"'0'"}},
      {"{covariates: {rate: [customers.age], prior_sd: 0}}", "covariates.prior_sd", {"'0'"}},
      {"{bootstrap: 200, covariates: {rate: [customers.age]}}", "covariates", {"bootstrap: none"}},
      {"{model: bg_bb, opportunity: {days: 7}, covariates: {rate: [customers.age]}}", "covariates", {"bg_bb"}},
      {"{model: bg_bb}", "opportunity", {"missing", "{calendar: month}"}},
      {"{opportunity: {days: 30}}", "opportunity", {"only with bg_bb"}},
      {"{model: bg_bb, opportunity: {days: 30, calendar: month}}", "opportunity", {"{days: 30}"}},
      {"{model: bg_bb, opportunity: {calendar: week}}", "opportunity.calendar", {"'week'", "month, quarter, year"}},
      {"{contract: {}}", "contract", {"only with sbg"}},
      {"{model: sbg}", "contract", {"missing"}},
      {"{model: sbg, contract: {start: customers.joined_at}}", "contract.end", {"missing"}},
      {"{model: sbg, contract: {start: customers.age, end: customers.left_at}}", "contract.start", {"dates"}},
      {"{model: sbg, spend: gamma_gamma}", "spend", {"allowed: none"}},
      {"{model: sbg, bootstrap: 200}", "bootstrap", {"allowed: none"}},
  });
}

TEST(JobLifetime, MarginNeedsCosts) {
  const absl::StatusOr<Job> job = ParseJob(
      "name: a\ncurrency: EUR\nsources:\n  transactions: {uri: t, columns: {customer_id: c, time: t, amount: a}}\n"
      "models:\n  lifetime: {value: margin}\n",
      "j");
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(std::string(job.status().message()), HasSubstr("the job maps no costs"));
}

TEST(JobLifetime, TheHoldOutLeavesTheFitTwoThirdsOfTheHistory) {
  LifetimeSettings settings;
  constexpr Day kAsOf = 10'000;
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 900), 0) << "none by default";
  settings.holdout = Holdout::kAuto;
  settings.horizon_days = 180;
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 900), 180);
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 300), 100);
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 84), 28);
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 83), 0);
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, std::nullopt), 0);
  settings.horizon_days = 0;
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 900), 28) << "a model can be judged without a horizon";
  settings.holdout = Holdout::kDays;
  settings.holdout_days = 100;
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 101), 100);
  EXPECT_EQ(*HoldoutDays(settings, kAsOf, kAsOf - 27), 0) << "a base that has only begun";
  const absl::Status status = HoldoutDays(settings, kAsOf, kAsOf - 100).status();
  EXPECT_EQ(DetailOf(status)->reason, "HOLDOUT_TOO_LONG");
  EXPECT_THAT(std::string(status.message()), HasSubstr("found 100, but the history has 100 days"));
}

TEST(JobLifetime, AHoldOutThatThereIsNoHistoryForIsToldOf) {
  LifetimeSettings settings;
  EXPECT_EQ(WhyNoHoldout(settings, 0), "") << "none was asked for";
  settings.holdout = Holdout::kAuto;
  EXPECT_THAT(WhyNoHoldout(settings, 0), HasSubstr("holdout_days is auto, but the history has less than 84 days"));
  settings.holdout = Holdout::kDays;
  settings.holdout_days = 60;
  EXPECT_THAT(WhyNoHoldout(settings, 0), HasSubstr("holdout_days is 60, but the history has less than 28 days"));
  EXPECT_EQ(WhyNoHoldout(settings, 60), "");
  settings.model = "auto";
  EXPECT_EQ(WhyNoHoldout(settings, 0), "") << "that nothing could be chosen says it";
}

}  // namespace
}  // namespace strata
