// Whole reports from values made up by hand, as golden texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/text/models_report.h"
#include "client/text/progress.h"
#include "client/text/run_report.h"
#include "client/text/score_card.h"
#include "client/text/segments_table.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ScoreCard, TellsOneCustomerInWords) {
  const FittedModels models = ExampleModels();
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  answer.interval = 0.9;
  answer.expected_by_period = {0.5f, 0.25f, 0.125f};
  EXPECT_EQ(
      ScoreCard("c-17", answer, &models),
      "Customer c-17\n"
      "job shop · as of 2024-03-31 · snapshot 3 · published 5 hours ago\n"
      "\n"
      "  Segment             Champions: bought lately and often\n"
      "  RFM scores          recency 5 · frequency 4 · monetary 5   (1 to 5, highest is best)\n"
      "  Cluster             Cluster 2 of 2\n"
      "  Distance            0.10 from its centre; next is cluster 1 (lapsed)\n"
      "  Purchase days       12   first 2023-01-05, last 2024-03-24 (7 days before the as-of date)\n"
      "  Net spend           1,234.57 EUR\n"
      "  Rows                31, of which 1 return\n"
      "  Still a customer    83.1 % likely (75.0 % to 87.5 %)\n"
      "  Purchases expected  3.22 (2.50 to 4.00) in the next 365 days\n"
      "  By 30 days          0.50 · 0.25 · 0.12\n"
      "  No purchase at all  12.5 % likely (6.2 % to 25.0 %) in the next 365 days\n"
      "  Spend per purchase  88.12 EUR (80.00 EUR to 96.50 EUR) expected\n"
      "  Lifetime value      268.50 EUR (200.00 EUR to 340.25 EUR) in the next 365 days, discounted\n"
      "  Residual value      512.50 EUR over all time to come, discounted\n"
      "  Next purchase       10 % likely by 2024-04-06 · 50 % by 2024-06-15 · 90 % never\n"
      "  Silence             7 days silent, 0.25 times the usual gap; an active customer is silent that long with "
      "75.0 %\n"
      "  To be seen          0 to 8 purchases, 0.00 to 720.50 EUR spent, worth 0.00 to 680.25 EUR in the next 365 "
      "days\n"
      "  Churn               6.2 % likely to buy nothing in the next 90 days\n"
      "\n"
      "  * Ranges in brackets hold the number itself with 90 %: the models' parameters are estimates. What is to "
      "be seen lies in its range with 90 % or more.\n");
}

TEST(ScoreCard, SaysWhoIsOverdueAndNeedsNoRanges) {
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  answer.score.outlook = {};
  answer.score.outlook.overdue_ratio = 3.5;
  answer.score.outlook.next_purchase = {kBeyondDay, kUnknownDay, kUnknownDay};
  const std::string card = ScoreCard("c-17", answer, nullptr);
  EXPECT_THAT(card, HasSubstr("  Still a customer    83.1 % likely\n"));
  EXPECT_THAT(card, HasSubstr("  Next purchase       10 % likely not within 100 years\n"));
  EXPECT_THAT(card, HasSubstr("  Silence             7 days silent, 3.5 times the usual gap: overdue\n"));
  EXPECT_THAT(card, Not(HasSubstr("To be seen")));
  EXPECT_THAT(card, Not(HasSubstr("Ranges")));
}

TEST(ScoreCard, ShowsClassesFourInARow) {
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  for (const char* scheme : {"rfm", "value_class", "grade", "core", "life_cycle"})
    answer.classes.push_back({scheme, "x"});
  const std::string card = ScoreCard("c-17", answer, nullptr);
  EXPECT_NE(card.find("Classes             rfm x · value_class x · grade x · core x\n"), std::string::npos) << card;
  EXPECT_NE(card.find("                      life_cycle x\n"), std::string::npos) << card;
}

TEST(ScoreCard, SaysWhyNumbersAreMissingAndWhenItIsStale) {
  AnswerFacts info = ExampleInfo();
  info.stale = true;
  info.age_seconds = 4 * 86400;
  CustomerScore score;
  score.rows = score.return_rows = 1;
  score.net_micros = -5'000'000;
  score.flags = kFlagNoPurchase;
  EXPECT_EQ(ScoreCard("c\n9", {info, score}, nullptr),
            "Customer c\\x0a9\n"
            "job shop · as of 2024-03-31 · snapshot 3 · published 4 days ago\n"
            "STALE: this snapshot is older than it should be; the nightly run may have failed.\n"
            "\n"
            "  Purchase days  none\n"
            "  Net spend      -5.00 EUR\n"
            "  Rows           1, of which 1 return\n"
            "\n"
            "  * No purchase so far, so there is no segment, cluster, value or churn to tell.\n");
}

TEST(LookupTable, HasAStatusPerId) {
  EXPECT_EQ(
      LookupTable(
          {"c-17", "nobody", std::string(300, 'x')},
          {{LookupOutcome::kFound, ExampleScore()}, {LookupOutcome::kNotFound, {}}, {LookupOutcome::kInvalidId, {}}},
          "EUR"),
      "customer                                             status      segment    cluster  last purchase  "
      "purchase days   net EUR   alive  value EUR  churn\n"
      "c-17                                                 found       Champions        2  2024-03-24     "
      "           12  1,234.57  83.1 %     268.50  6.2 %\n"
      "nobody                                               not found\n" +
          std::string(48, 'x') + "...  invalid id\n");
}

TEST(SegmentsTable, HasATablePerKindWithTheColumnsThatAreKnown) {
  EXPECT_EQ(SegmentsTable(ExampleSegments(), "EUR"),
            "segment      customers   share  days since purchase  purchase days       net   alive   value\n"
            "Champions          600  60.0 %                 12.5           5.25  1,224.50  75.0 %  144.80\n"
            "Cannot lose        300  30.0 %                 12.5           5.25      9.00  75.0 %  144.80\n"
            "\n"
            "cluster            customers   share  days since purchase  purchase days       net   alive   value\n"
            "Cluster 1: lapsed        900  90.0 %                 12.5           5.25  1,224.50  75.0 %  144.80\n"
            "\n"
            "class        customers   share\n"
            "No purchase        100  10.0 %\n"
            "\n"
            "Means per customer; net and value in EUR.\n");
}

TEST(RunReport, AccountsForEveryRowAndSaysWhatToDoNext) {
  const RunFindings findings{.currency = "EUR", .segments = ExampleSegments(), .models = {}};
  EXPECT_EQ(RunReport(ExampleRun(), &findings, {.where = " --state s", .objects_root = "s/objects"}),
            "shop: snapshot 3 is published and answers from now on.\n"
            "  as of      2024-03-31\n"
            "  customers  1,000, 900 of them with a purchase\n"
            "  snapshot   3, follows 2\n"
            "  digest     00112233445566778899aabbccddeeff\n"
            "  ledger     version 2\n"
            "  run        3\n"
            "\n"
            "Rows\n"
            "                                 all files  new in this run\n"
            "  accepted                       1,234,000            1,000\n"
            "  rejected                               5                5\n"
            "  duplicates                           500                0\n"
            "  blank                                  2                0\n"
            "  skipped: after the as-of date         60                0\n"
            "  ---------------------------------------------------------\n"
            "  read                           1,234,567            1,005\n"
            "\n"
            "Rejected rows of new files, by reason\n"
            "  AMOUNT_TOO_PRECISE  4\n"
            "  DATE_IMPOSSIBLE     1\n"
            "  Each with its line and value in\n"
            "    s/objects/jobs/shop/runs/3/quarantine/00007-0011223344556677.csv\n"
            "\n"
            "Segments\n"
            "                     customers   share  mean net EUR  mean value EUR\n"
            "  Champions                600  60.0 %      1,224.50          144.80\n"
            "  Cannot lose              300  30.0 %          9.00          144.80\n"
            "  ------------------------------------------------------------------\n"
            "  Cluster 1: lapsed        900  90.0 %      1,224.50          144.80\n"
            "  ------------------------------------------------------------------\n"
            "  No purchase              100  10.0 %             -               -\n"
            "\n"
            "Models\n"
            "  The job asks for no models.\n"
            "\n"
            "Time\n"
            "  plan        0.05 s\n"
            "  map          2.5 s\n"
            "  ledger      0.50 s\n"
            "  feature     0.25 s\n"
            "  fit      1 min 5 s\n"
            "  score        1.0 s\n"
            "  publish     0.12 s\n"
            "  ------------------\n"
            "  total    1 min 9 s\n"
            "  Peak memory 74.3 MiB\n"
            "\n"
            "Warnings\n"
            "  ! 60 row(s) are dated after 2024-03-31\n"
            "\n"
            "Next\n"
            "  strata segments --state s                     the segments with their profiles\n"
            "  strata get CUSTOMER_ID --state s              one customer\n"
            "  strata export --out scores.parquet --state s  everybody, for Spark, DuckDB, pandas or BI\n"
            "  strata models --state s                       what was fitted, in detail\n");
}

TEST(RunReport, ExplainsTheModels) {
  EXPECT_EQ(
      ModelsBrief(ExampleModels(), "EUR", "  ", 412),
      "  RFM: scores 1 to 5 on 900 customers with a purchase\n"
      "  Clusters: 2, silhouette 0.591 (1: far apart, 0: no gaps), 5 iterations\n"
      "    Fitted 2024-03-31: there was no model to follow.\n"
      "  Lifetime (BG/NBD): r 0.2500, alpha 5.000, a 0.7500, b 2.250, fitted on 900 customers\n"
      "    Some 412 of them are still active, 45.8 %.\n"
      "    An average active customer buys once in 140.0 days (alpha / r).\n"
      "    After a purchase 25.0 % of customers leave for good (a / (a + b)).\n"
      "    Who bought once counts as active: the model lets customers leave only after a repeat purchase.\n"
      "    Chosen among 2 models as of 2024-03-31 by what customers bought in the time held out: no other one foretold "
      "it clearly better; 1 more took no part.\n"
      "    Tested on the 90 days after 2024-01-01: 375 purchases foretold, 400 made (-6.2 %).\n"
      "    Grade B: the total is off by 6.2 %, and both naive predictions are worse.\n"
      "    Values look 365 days ahead, discounted by 10.0 % a year.\n"
      "  Spend (Gamma-Gamma): p 6.250, q 3.750, v 15.50, fitted on 400 repeat buyers\n"
      "    A customer of whom nothing is known spends 35.25 EUR per purchase day.\n"
      "    2 repeat buyers were left out: their repeat purchases add up to nothing or less.\n"
      "    ! few repeat buyers\n"
      "  Churn (logistic): no purchase in 90 days, for customers who bought in the last 180 days\n"
      "    Learned from 1,500 observed customer periods, of which 80.0 % left.\n"
      "    Grade C: a little better than the best simple rule. Against that rule (lifetime_p_no_purchase) it gains "
      "0.014 AUC, 95 % interval 0.008 to 0.019.\n"
      "    On 700 customers it had not seen: AUC 0.751 (1: perfect, 0.5: a coin), probabilities off by 2.4 % on "
      "average.\n");
}

TEST(RunReport, AFailedRunSaysWhyAndThatNothingChanged) {
  RunSummary run;
  run.job = "shop";
  run.run = 4;
  run.state = RunState::kFailed;
  run.seconds[0] = 0.5;
  run.seconds_total = 0.5;
  SetError(MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING", "a.csv: found no column 'amuont'"), &run);
  EXPECT_EQ(RunReport(run, nullptr, {}),
            "shop: run 4 failed. Nothing was published; what was served before still is.\n"
            "  run  4\n"
            "\n"
            "Why\n"
            "  a.csv: found no column 'amuont' (COLUMN_MISSING)\n"
            "\n"
            "Time\n"
            "  plan   0.50 s\n"
            "  -------------\n"
            "  total  0.50 s\n");
}

TEST(RunReport, ABackDatedRunTellsHowToActivateIt) {
  RunSummary run = ExampleRun();
  run.activated = false;
  run.back_dated = true;
  const std::string report = RunReport(run, nullptr, {});
  EXPECT_THAT(report, HasSubstr("published but not activated: its date lies before the current snapshot's"));
  EXPECT_THAT(report, HasSubstr("strata snapshots activate 3"));
}

TEST(ModelsReport, SaysWhyAModelIsNotThere) {
  FittedModels models;
  models.lifetime.emplace().fit.reason = "no repeat purchases";
  models.churn = ChurnModel{.fitted = false, .reason = "not enough history"};
  EXPECT_EQ(ModelsReport(models, "EUR"),
            "Lifetime (BG/NBD): not fitted: no repeat purchases\n"
            "\n"
            "Churn (logistic): not fitted: not enough history\n");
  EXPECT_EQ(ModelsReport({}, "EUR"), "The job asks for no models.\n");
}

TEST(ModelsReport, ShowsCutsCentresErrorsAndWeights) {
  const std::string report = ModelsReport(ExampleModels(), "EUR");
  // A score above 4 needs the smallest recency cut and the greatest of the others.
  EXPECT_THAT(report,
              HasSubstr("  4                                        10                         8       80.00 EUR\n"));
  EXPECT_THAT(report, HasSubstr("  2                    -1.50          0.75\n"));
  EXPECT_THAT(
      report,
      HasSubstr("  2        recent, many returns        200  22.2 %  75.0 %  recent -1.5, many returns +0.8\n"));
  EXPECT_THAT(report, HasSubstr("  k = 1  0.2500  0.0100           -"));
  EXPECT_THAT(report,
              HasSubstr("  k = 2  0.5000  0.0200       0.591                  -               -          -  taken\n"));
  EXPECT_THAT(report, HasSubstr("  alpha       5.00000           0.200      4.620   5.410\n"));
  EXPECT_THAT(report, HasSubstr("  BG/NBD          -9,000.5  -1,400.2  100.0       12.5     -6.2 %  taken\n"));
  EXPECT_THAT(report,
              HasSubstr("  MBG/CNBD               -         -      -          -          -  takes no part: k = 1\n"));
  EXPECT_THAT(report,
              HasSubstr("  this model                    0.7500            1.5000     -6.2 %          -1.2500\n"));
  EXPECT_THAT(report, HasSubstr("  Of 800 customers, 93.5 % bought within their intervals; 93.8 % were promised.\n"));
  EXPECT_THAT(report, HasSubstr("  lifetime_p_no_purchase  0.7370    0.4020       -\n"));
  EXPECT_THAT(report, HasSubstr("  return_share        -0.125  more: likelier to stay\n"));
}

TEST(ModelsReport, ShowsRulesOfRfmAndCutsOfSchemes) {
  FittedModels models;
  models.rfm = RfmModel{.scores = 5, .customers = 9, .axis_scores = {5, 3, 4}, .window = "last 90 days", .grid = "ten"};
  SchemeModels& schemes = models.schemes.emplace();
  schemes.value =
      ValueModel{.fitted_as_of = ToDay({2024, 3, 31}), .positive = 7, .losing = 2, .gini = 0.5, .basis = "net"};
  schemes.value->a_from = 80'000'000;
  schemes.value->b_from = 20'000'000;
  schemes.value->window_days = 365;
  schemes.life_cycle =
      LifeCycleModel{.fitted_as_of = ToDay({2024, 3, 31}), .opened = 9, .closed = 8, .rule = "quantiles"};
  schemes.levels[1].emplace().cuts = {2, 5};
  EXPECT_EQ(ModelsReport(models, "EUR"),
            "RFM: scores 1 to 5 on 9 customers with a purchase\n"
            "  With purchases of the last 90 days, 5 recency, 3 frequency and 4 monetary scores, grid ten.\n"
            "  a score above  days since purchase, at most  purchase days, more than  net, more than\n"
            "\n"
            "Value classes: A from 80.00 EUR, B from 20.00 EUR, cuts of 2024-03-31\n"
            "  7 customers with a positive margin, 2 with a loss; Gini 0.500 (0: all alike, 1: one has it all)\n"
            "Life-cycle: at risk after 90 days of silence, dormant after 180, lost after 365, cuts of 2024-03-31\n"
            "Levels: frequency\n"
            "  Margin: net; last 365 days. A reaches to 80 % of the positive margins, B to 95 %.\n"
            "  Gaps: 8 of 9 closed within 365 days; days by: quantiles 80 %, 90 % and 95 %.\n"
            "  level      low up to  high above\n"
            "  frequency     2 days      5 days\n");
}

TEST(Progress, APlainLogHasOneLinePerStage) {
  std::ostringstream out;
  {
    ProgressPrinter progress(&out, false);
    progress.Update({.stage = "map", .done = 1, .total = 30, .workers = 2, .seconds = 0.5});
    progress.Update({.stage = "map", .done = 29, .total = 30, .workers = 2, .seconds = 3.14});
    progress.Update({.stage = "fit", .round = 7, .workers = 1, .seconds = 1});
  }
  EXPECT_EQ(out.str(), "map: 30 tasks, 2 workers, 3.1 s\nfit: 7 rounds, 1 worker, 1.0 s\n");
}

TEST(Progress, AStageThatBrokeOffDoesNotClaimToBeDone) {
  std::ostringstream out;
  ProgressPrinter progress(&out, false);
  progress.Update({.stage = "map", .done = 3, .total = 30, .workers = 2, .seconds = 1});
  progress.Finish();
  EXPECT_EQ(out.str(), "map: 3/30 tasks, 2 workers, 1.0 s\n");
}

TEST(Progress, ATerminalHasOneLineDrawnOver) {
  std::ostringstream out;
  {
    ProgressPrinter progress(&out, true);
    progress.Update({.stage = "map", .done = 15, .total = 30, .workers = 2, .seconds = 3.14});
  }
  const std::string line = "\r\x1b[Kmap      [##########----------]  15/30 tasks, 2 workers, 3.1 s";
  EXPECT_EQ(out.str(), line + line + "\n");
}

}  // namespace
}  // namespace strata
