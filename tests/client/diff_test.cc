// The comparison of two snapshots as people and programs read it, from values made up by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/json/diff_json.h"
#include "client/text/diff_report.h"
#include "client/text/run_report.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

SnapshotDiff ExampleDiff() {
  SnapshotDiff diff{.job = "shop",
                    .base = {.number = 3, .as_of = ToDay({2024, 3, 31}), .customers = 1200, .build = "b1"},
                    .other = {.number = 4, .as_of = ToDay({2024, 4, 1}), .follows = 3, .customers = 1300}};
  diff.customers_in_both = 1000;
  diff.customers_left = 200;
  diff.customers_entered = 300;
  diff.rfm_moves = {{"champions", "champions", 400},
                    {"champions", "at_risk", 100},
                    {"champions", "", 200},
                    {"no_purchase", "champions", 500},
                    {"", "new", 300}};
  diff.cluster_moves = {{"none", "none", 1000}, {"none", "", 200}, {"", "none", 300}};
  diff.drifts = {{.column = "net",
                  .base = {.present = 1200, .mean = 1234.5, .deciles = {1, 2, 3, 4, 5, 6, 7, 8, 9}},
                  .other = {},
                  .base_bins = {1200, 0},
                  .other_bins = {0, 1300},
                  .stability_index = 0.5},
                 {.column = "p_alive", .base = {}, .other = {}, .base_bins = {0, 1200}, .other_bins = {0, 1300}}};
  diff.parameters = {{"lifetime.r", 0.25, 0.375}, {"rfm.scores", 5.0, 5.0}, {"churn.auc", 0.75, {}}};
  return diff;
}

TEST(DiffReport, TellsSizesMovesDriftAndParameters) {
  const std::string text = DiffReport(ExampleDiff());
  EXPECT_THAT(text, HasSubstr("Job shop, from snapshot 3 to snapshot 4\n"));
  EXPECT_THAT(text, HasSubstr("  as of                         2024-03-31               2024-04-01  +1 days\n"));
  EXPECT_THAT(text, HasSubstr("  build                                 b1                        -\n"));
  EXPECT_THAT(text, HasSubstr("  left           200  16.7 % of snapshot 3\n"));
  EXPECT_THAT(text, HasSubstr("  1  Champions           700  58.3 %         900  69.2 %   +10.9  57.1 %\n"));
  EXPECT_THAT(text, HasSubstr("  1 Champions    400  .  100    .   200\n"))
      << "to champions, no purchase, at risk, new, left";
  EXPECT_THAT(text, HasSubstr("  entered          .  .    .  300     .\n"));
  EXPECT_THAT(text, HasSubstr("  No purchase    to Champions        500       100.0 %\n"));
  EXPECT_THAT(text, HasSubstr("  Nobody moved.\n")) << "between clusters";
  EXPECT_THAT(text, HasSubstr("  net     0.5000  much    1,234       -       1       -"));
  EXPECT_THAT(text, Not(HasSubstr("p_alive"))) << "a column that neither has";
  EXPECT_THAT(text, HasSubstr("  lifetime.r      0.2500      0.3750  +0.1250\n"));
  EXPECT_THAT(text, HasSubstr("  rfm.scores           5           5        =\n"));
  EXPECT_THAT(text, HasSubstr("  churn.auc       0.7500           -        -\n"));
}

TEST(DiffJson, HasEveryDocumentedName) {
  const nlohmann::ordered_json json = DiffJson(ExampleDiff());
  EXPECT_EQ(json["base"]["snapshot"], 3);
  EXPECT_EQ(json["base"]["follows"], nullptr);
  EXPECT_EQ(json["other"]["build"], nullptr);
  EXPECT_EQ(json["customers_left"], 200);
  EXPECT_EQ(json["rfm"]["classes"][0]["name"], "champions");
  EXPECT_EQ(json["rfm"]["classes"][0]["other"], 900);
  EXPECT_EQ(json["rfm"]["moves"][4]["from"], nullptr);
  EXPECT_EQ(json["rfm"]["moves"][4]["share_of_from"], nullptr);
  EXPECT_EQ(json["rfm"]["moves"][3]["share_of_from"], 1);
  EXPECT_EQ(json["drifts"][0]["base"]["deciles"].size(), 9u);
  EXPECT_EQ(json["drifts"][0]["other"]["mean"], nullptr);
  EXPECT_EQ(json["drifts"][1]["stability_index"], nullptr);
  EXPECT_EQ(json["parameters"][0]["difference"], 0.125);
  EXPECT_EQ(json["parameters"][2]["difference"], nullptr);
}

TEST(RemovedWords, AreALine) {
  EXPECT_EQ(RemovedWords({.snapshots = {1, 2}, .runs = 1, .objects = 40, .size_bytes = 1536}),
            "snapshots 1, 2; the records of 1 run; 40 objects, 1.5 KiB (retention)");
  EXPECT_EQ(RemovedWords({.snapshots = {}, .runs = 0, .objects = 1, .size_bytes = 5}), "1 object, 5 B (retention)");
}

}  // namespace
}  // namespace strata
