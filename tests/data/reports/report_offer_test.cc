// Why a report is left out, as a table: what it needs, what the job has, the sentence.
#include <gtest/gtest.h>

#include "data/reports/report_offer.h"

namespace strata {
namespace {

ReportOffer Offer() {
  return {.tables = {{TableId::kTransactions, "transactions", true, {"customer_id", "time", "amount"}},
                     {TableId::kCases, "cases", true, {"customer_id", "opened"}},
                     {TableId::kSurveys, "surveys", false, {}}},
          .schemes = {{SchemeId::kRfm, "rfm", "models.rfm", true}, {SchemeId::kGrade, "grade", "models.value", false}},
          .segments = false,
          .not_followed = "this is the job's first snapshot"};
}

TEST(ReportNeeds, SayTheFirstThingThatIsLacking) {
  struct Case {
    ReportNeeds needs;
    const char* why;
  };
  const std::vector<Case> cases = {
      {{}, ""},
      {{.columns = {{TableId::kCases, ""}}}, ""},
      {{.columns = {{TableId::kCases, "opened"}, {TableId::kTransactions, "time"}}, .schemes = {SchemeId::kRfm}}, ""},
      {{.columns = {{TableId::kCases, "closed"}}}, "needs cases.closed: sources.cases.columns does not map it"},
      {{.columns = {{TableId::kSurveys, ""}}}, "needs surveys: sources.surveys is not in the job"},
      {{.columns = {{TableId::kSurveys, "score"}}}, "needs surveys.score: sources.surveys is not in the job"},
      {{.columns = {{TableId::kTransactions, "category"}}},
       "needs transactions.category: sources.transactions.columns does not map it"},
      {{.schemes = {SchemeId::kRfm, SchemeId::kGrade}}, "needs grade: models.value is not in the job"},
      {{.columns = {{TableId::kSurveys, ""}}, .schemes = {SchemeId::kGrade}},
       "needs surveys: sources.surveys is not in the job"},
      {{.clustering = true}, "needs clusters: models.clustering is not in the job"},
      {{.lifetime = true, .holdout = true}, "needs lifetime values: models.lifetime is not in the job"},
      {{.churn = true}, "needs churn: models.churn is not in the job"},
      {{.segments = true}, "needs segments: segments is not in the job"},
      {{.follows = true}, "needs an earlier snapshot to compare with: this is the job's first snapshot"},
  };
  for (const Case& one : cases) EXPECT_EQ(WhyMissing(one.needs, Offer()), one.why);
}

TEST(ReportNeeds, WhatIsComparedMustBeInBothSnapshots) {
  ReportOffer offer = Offer();
  offer.not_followed.clear();
  const ReportNeeds compares{.schemes = {SchemeId::kRfm}, .follows = true};
  EXPECT_EQ(WhyMissing(compares, offer), "");
  offer.schemes[0].in_followed = false;
  EXPECT_EQ(WhyMissing(compares, offer), "needs rfm in the earlier snapshot too: that was made without it");
  EXPECT_EQ(WhyMissing({.schemes = {SchemeId::kRfm}}, offer), "") << "tonight's alone";
}

TEST(ReportNeeds, ClustersAreComparedWhereBothSnapshotsHaveThem) {
  ReportOffer offer = Offer();
  offer.not_followed.clear();
  offer.clustering = true;
  const ReportNeeds compares{.clustering = true, .follows = true};
  EXPECT_EQ(WhyMissing(compares, offer), "");
  offer.clustering_in_followed = false;
  EXPECT_EQ(WhyMissing(compares, offer), "needs clusters in the earlier snapshot too: that was made without them");
  EXPECT_EQ(WhyMissing({.clustering = true}, offer), "") << "tonight's alone";
}

TEST(ReportNeeds, LifetimeValuesMayLackWhatAReportWantsOfThem) {
  ReportOffer offer = Offer();
  offer.lifetime = true;
  EXPECT_EQ(WhyMissing({.lifetime = true}, offer), "");
  EXPECT_EQ(WhyMissing({.lifetime = true, .spend = true}, offer),
            "needs expected spend: models.lifetime.spend is none");
  EXPECT_EQ(WhyMissing({.lifetime = true, .holdout = true}, offer),
            "needs a hold-out: models.lifetime.holdout_days is none");
  EXPECT_EQ(WhyMissing({.lifetime = true, .covariates = true}, offer),
            "needs models.lifetime.covariates: it is not in the job");
  offer.spend = offer.holdout = offer.covariates = true;
  EXPECT_EQ(WhyMissing({.lifetime = true, .spend = true, .holdout = true, .covariates = true}, offer), "");
}

TEST(ReportNeeds, SegmentsAndAnEarlierSnapshotAreMetWhereTheyAreThere) {
  ReportOffer offer = Offer();
  offer.segments = true;
  offer.not_followed.clear();
  EXPECT_EQ(WhyMissing({.segments = true, .follows = true}, offer), "");
}

}  // namespace
}  // namespace strata
