// The rules as a table: each speaks exactly above its limit, and says what it found.
#include "run/veto_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

VetoFacts Before() {
  VetoFacts facts;
  facts.customers = 1000;
  facts.net_micros = Int128{-2'000'000'000};
  facts.mean_p_alive = 0.5;
  facts.mean_churn_probability = 0.25;
  facts.mean_lifetime_value = 80;
  facts.segments = {{"champions", 100}, {"lost", 900}};
  facts.clusters = {{"cluster-1", 600}, {"cluster-2", 400}};
  return facts;
}

std::string Spoken(const VetoRules& rules, const VetoFacts& now, const VetoFacts* before, const RunFacts& run = {}) {
  const Judgement judgement = Judge(rules, now, run, before);
  EXPECT_THAT(judgement.notes, IsEmpty());
  return DescribeRules(judgement.broken);
}

TEST(VetoRules, SpeakExactlyAboveTheirLimit) {
  struct Case {
    std::optional<int64_t> VetoRules::*rule;
    int64_t limit;               // at which it keeps silent; one millionth less, and it speaks
    void (*change)(VetoFacts*);  // of the day before
    const char* says;
  };
  const Case cases[] = {
      {&VetoRules::customers_change_max_ratio, 300'000, [](VetoFacts* now) { now->customers = 1300; },
       "veto.customers_change_max_ratio: found 0.3 (from 1000 to 1300 customers), allowed is at most 0.299999"},
      {&VetoRules::customers_change_max_ratio, 300'000, [](VetoFacts* now) { now->customers = 700; },
       "found 0.3 (from 1000 to 700 customers)"},
      {&VetoRules::customers_drop_max_ratio, 1000, [](VetoFacts* now) { now->customers = 999; },
       "veto.customers_drop_max_ratio: found 0.001 (from 1000 to 999 customers), allowed is at most 0.000999"},
      {&VetoRules::net_change_max_ratio, 2'000'000, [](VetoFacts* now) { now->net_micros = Int128{2'000'000'000}; },
       "veto.net_change_max_ratio: found 2 (from -2000.00 to 2000.00), allowed is at most 1.999999"},
      {&VetoRules::segment_share_change_max, 160'000,
       [](VetoFacts* now) {
         now->segments = {{"champions", 250}, {"lost", 740}, {"new", 10}};
       },
       "veto.segment_share_change_max: found 0.16 (lost: from 0.9 to 0.74), allowed is at most 0.159999"},
      {&VetoRules::cluster_share_change_max, 400'000,
       [](VetoFacts* now) {
         now->clusters = {{"cluster-1", 1000}};
       },
       "veto.cluster_share_change_max: found 0.4 (cluster-1: from 0.6 to 1), allowed is at most 0.399999"},
      {&VetoRules::mean_p_alive_change_max, 125'000, [](VetoFacts* now) { now->mean_p_alive = 0.375; },
       "veto.mean_p_alive_change_max: found 0.125 (from 0.5 to 0.375), allowed is at most 0.124999"},
      {&VetoRules::mean_churn_probability_change_max, 500'000,
       [](VetoFacts* now) { now->mean_churn_probability = 0.75; },
       "veto.mean_churn_probability_change_max: found 0.5 (from 0.25 to 0.75), allowed is at most 0.499999"},
      {&VetoRules::mean_lifetime_value_change_max_ratio, 250'000, [](VetoFacts* now) { now->mean_lifetime_value = 60; },
       "veto.mean_lifetime_value_change_max_ratio: found 0.25 (from 80 to 60), allowed is at most 0.249999"},
  };
  const VetoFacts before = Before();
  for (const Case& c : cases) {
    VetoFacts now = before;
    c.change(&now);
    VetoRules rules;
    rules.*c.rule = c.limit;
    EXPECT_EQ(Spoken(rules, now, &before), "") << c.says;
    rules.*c.rule = c.limit - 1;
    EXPECT_THAT(Spoken(rules, now, &before), HasSubstr(c.says));
    rules.*c.rule = 0;
    EXPECT_EQ(Spoken(rules, before, &before), "") << "nothing has changed";
  }
}

TEST(VetoRules, AGrowingBaseHasNotDropped) {
  VetoFacts now = Before();
  now.customers = 5000;
  VetoRules rules;
  rules.customers_drop_max_ratio = 0;
  const VetoFacts before = Before();
  EXPECT_EQ(Spoken(rules, now, &before), "");
}

TEST(VetoRules, FromNothingEveryChangeIsInfinite) {
  VetoFacts before = Before();
  before.net_micros = Int128{0};
  VetoFacts now = before;
  VetoRules rules;
  rules.net_change_max_ratio = 1000 * kMillion;
  EXPECT_EQ(Spoken(rules, now, &before), "");
  now.net_micros = Int128{1};
  EXPECT_THAT(Spoken(rules, now, &before), HasSubstr("found infinite"));
}

// Against the definition in exact rationals: |now - before| * 10^6 > limit * before.
TEST(VetoRules, AgreeWithTheDefinitionOnRandomCounts) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    std::mt19937_64 random(seed);
    VetoFacts before, now;
    before.customers = 1 + static_cast<int64_t>(random() % 1'000'000'000);
    const int64_t step = static_cast<int64_t>(random() % 1000);
    now.customers = before.customers + before.customers / 1000 * step + static_cast<int64_t>(random() % 3) - 1;
    VetoRules rules;
    rules.customers_change_max_ratio = 1000 * step;
    const Int128 change = Int128{now.customers} - before.customers;
    const bool expected = (change < 0 ? -change : change) * 1'000'000 > Int128{1000 * step} * before.customers;
    EXPECT_EQ(!Judge(rules, now, {}, &before).broken.empty(), expected) << "seed " << seed;
  }
}

TEST(VetoRules, OfTheResultAlone) {
  VetoRules rules;
  rules.rejected_ratio_max = 10'000;
  rules.customers_min = 1000;
  rules.churn_grade_min = 'C';
  rules.require_fitted_models = true;
  RunFacts run{.rows_read = 200, .rows_rejected = 2, .churn_grade = 'C'};
  VetoFacts now = Before();
  EXPECT_EQ(Spoken(rules, now, nullptr, run), "") << "all at their limits";
  run = {.rows_read = 200,
         .rows_rejected = 3,
         .churn_grade = 'D',
         .churn_grade_reason = "",
         .unfitted = {"lifetime (no repeat buyers)", "spend (none)"}};
  now.customers = 999;
  const std::vector<BrokenRule> expected = {
      {"veto.rejected_ratio_max", "0.015 (3 of 200 rows)", "at most 0.01"},
      {"veto.customers_min", "999 customers", "at least 1000"},
      {"veto.churn_grade_min", "D", "C or better"},
      {"veto.require_fitted_models", "not fitted: lifetime (no repeat buyers), spend (none)", "every model is fitted"},
  };
  EXPECT_EQ(Judge(rules, now, run, nullptr).broken, expected);
}

TEST(VetoRules, WithoutAGradeEvenDIsMissed) {
  VetoRules rules;
  rules.churn_grade_min = 'D';
  const RunFacts run{.churn_grade = 0, .churn_grade_reason = "12 customers in the hold-out"};
  EXPECT_EQ(Spoken(rules, Before(), nullptr, run),
            "veto.churn_grade_min: found no grade (12 customers in the hold-out), allowed is D or better");
}

TEST(VetoRules, ThatCannotBeLookedAtSaySo) {
  VetoRules rules;
  rules.customers_change_max_ratio = 0;
  rules.net_change_max_ratio = 0;
  rules.segment_share_change_max = 0;
  rules.mean_p_alive_change_max = 0;
  EXPECT_THAT(Judge(rules, Before(), {}, nullptr).notes,
              ElementsAre("no snapshot is followed, so there was nothing to compare with for "
                          "veto.customers_change_max_ratio, veto.net_change_max_ratio, veto.segment_share_change_max, "
                          "veto.mean_p_alive_change_max"));
  VetoFacts old = Before();
  old.net_micros.reset();
  old.segments.clear();
  VetoFacts now = Before();
  now.mean_p_alive.reset();
  const Judgement judgement = Judge(rules, now, {}, &old);
  EXPECT_THAT(judgement.broken, IsEmpty());
  EXPECT_THAT(judgement.notes,
              ElementsAre("veto.net_change_max_ratio was not looked at: the followed snapshot has no such number",
                          "veto.segment_share_change_max was not looked at: the followed snapshot has no such number",
                          "veto.mean_p_alive_change_max was not looked at: this result has no such number"));
}

TEST(Millionths, AreWrittenAsPeopleWriteThem) {
  const std::pair<int64_t, const char*> rows[] = {{0, "0"},         {1, "0.000001"},    {250'000, "0.25"},
                                                  {1'000'000, "1"}, {1'500'000, "1.5"}, {100'000'000, "100"}};
  for (const auto& [millionths, text] : rows) EXPECT_EQ(FormatMillionths(millionths), text);
}

// Nine decimals of a mean in rupiah leave 64 bits.
TEST(VetoRules, LargeMeansAreCompared) {
  VetoRules rules;
  rules.mean_lifetime_value_change_max_ratio = 100'000;
  VetoFacts before = Before(), now = Before();
  before.mean_lifetime_value = 4e10;
  now.mean_lifetime_value = 4.3e10;
  EXPECT_EQ(Spoken(rules, now, &before), "");
  now.mean_lifetime_value = 5e10;
  EXPECT_THAT(Spoken(rules, now, &before), HasSubstr("found 0.25"));
}

}  // namespace
}  // namespace strata
