// When clusters are fitted anew, as a table of rules, ages and drift; and the last centres in the space of tonight.
#include "model/clustering/refit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/clustering/centres.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/feature_space.h"

namespace strata {
namespace {

constexpr Day kFitted = 20'000;

ClusteringModel Last() {
  ClusteringModel model;
  model.k = 2;
  model.fitted_as_of = kFitted;
  model.fitted_mean_square = 1;
  return model;
}

DriftPartial Tonight(double mean_square) {
  DriftPartial partial;
  partial.customers = partial.assigned = 1000;
  partial.weight = 1000;
  partial.squared_distance = static_cast<Int128>(std::llround(std::ldexp(1000 * mean_square, 2 * kGridBitsMax)));
  return partial;
}

FeatureDrift Drifted(double psi, bool flagged) {
  FeatureDrift drift;
  drift.feature = "net";
  drift.psi = psi;
  drift.flagged = flagged;
  return drift;
}

struct Case {
  const char* what;
  RefitRules rules;
  int age_days;
  double mean_square;
  FeatureDrift drift;
  bool refit;
  const char* why;  // part of the sentence
};

TEST(DecideRefit, IsTheTableOfRules) {
  const RefitRules kDefault, kNightly{.nightly = true}, kFrozen{.frozen = true}, kEveryTen{.drift = false, .days = 10};
  const RefitRules kOnDrift{.days = std::nullopt};
  const Case cases[] = {
      {"default, young, calm", kDefault, 29, 1, Drifted(0.1, true), false,
       "fitted on 2024-10-04, 29 days ago, and no drift"},
      {"default, thirty days", kDefault, 30, 1, Drifted(0, false), true, "every 30 days"},
      {"default, drift of a feature", kDefault, 1, 1, Drifted(0.25, true), true, "net drifted: stability index 0.250"},
      {"great, but no more than chance gives", kDefault, 1, 1, Drifted(0.9, false), false, "no drift"},
      {"default, drift of distances", kDefault, 1, 1.3, Drifted(0, false), true, "30 % further from the centres"},
      {"as far as allowed", kDefault, 1, 1.25, Drifted(0, false), false, "no drift"},
      {"nightly", kNightly, 1, 1, Drifted(0, false), true, "nightly"},
      {"frozen, whatever happens", kFrozen, 900, 9, Drifted(3, true), false, "frozen, fitted on 2024-10-04"},
      {"every ten days, drift aside", kEveryTen, 9, 9, Drifted(3, true), false, "9 days ago"},
      {"every ten days", kEveryTen, 10, 1, Drifted(0, false), true, "every 10 days"},
      {"on drift alone, old", kOnDrift, 900, 1, Drifted(0, false), false, "no drift"},
      {"on drift alone", kOnDrift, 1, 1, Drifted(0.3, true), true, "net drifted"},
  };
  for (const Case& row : cases) {
    const ClusteringModel last = Last();
    const RefitDecision decision =
        DecideRefit(row.rules, &last, true, Tonight(row.mean_square), {row.drift}, kFitted + row.age_days);
    EXPECT_EQ(decision.refit, row.refit) << row.what;
    EXPECT_NE(decision.why.find(row.why), std::string::npos) << row.what << ": " << decision.why;
  }
}

TEST(DecideRefit, FitsWhatCannotBeKept) {
  const RefitRules frozen{.frozen = true};
  EXPECT_EQ(DecideRefit(frozen, nullptr, true, {}, {}, kFitted).why, "no earlier clusters to follow");
  const ClusteringModel last = Last();
  const RefitDecision changed = DecideRefit(frozen, &last, false, Tonight(1), {}, kFitted + 1);
  EXPECT_TRUE(changed.refit);
  EXPECT_EQ(changed.why, "the job's settings of clustering changed");
  EXPECT_TRUE(DecideRefit(frozen, nullptr, true, {}, {}, kFitted).refit);
  const ClusteringModel none;
  EXPECT_TRUE(DecideRefit(frozen, &none, true, {}, {}, kFitted + 1).refit);
}

// --- The last centres tonight
// --------------------------------------------------------------------------------------------

NumericFeature Feature(const std::string& name, double mean, double deviation) {
  NumericFeature feature;
  feature.name = feature.column = name;
  feature.mean = mean;
  feature.deviation = deviation;
  return feature;
}

ClusteringModel LastWithCentres() {
  ClusteringModel last = Last();
  last.space.numeric = {Feature("net", 100, 10), Feature("rows", 5, 2)};
  last.space.categories = {{.name = "plan", .column = "plan", .words = {"(none)", "(other)", "gold", "tin"}}};
  last.clusters.resize(2);
  last.clusters[0].centre = {.q = {4096, -8192}, .modes = {2}};  // net 110, rows 1
  last.clusters[1].centre = {.q = {0, 4096}, .modes = {3}};      // net 100, rows 7
  return last;
}

TEST(CentresInSpace, AreTheSameCentresInTheSameSpace) {
  ClusteringModel last = LastWithCentres();
  ClusterSpace tonight = last.space;
  tonight.numeric[0].bin_counts = {1, 2, 3};  // says nothing of scales
  const std::vector<Centre> centres = CentresInSpace(last, tonight);
  ASSERT_EQ(centres.size(), 2u);
  EXPECT_EQ(centres[0], last.clusters[0].centre);
  EXPECT_EQ(centres[1], last.clusters[1].centre);
}

TEST(CentresInSpace, GoThroughRawValuesFeatureByFeature) {
  const ClusteringModel last = LastWithCentres();
  ClusterSpace tonight;
  tonight.grid_bits = 10;
  tonight.numeric = {Feature("rows", 7, 3), Feature("visits", 50, 20), Feature("net", 120, 5)};
  tonight.categories = {{.name = "plan", .column = "plan", .words = {"(none)", "(other)", "gold"}, .counts = {1, 0, 5}},
                        {.name = "region", .column = "region", .words = {"a", "b"}, .counts = {2, 3}}};
  const std::vector<Centre> centres = CentresInSpace(last, tonight);
  ASSERT_EQ(centres.size(), 2u);
  EXPECT_EQ(centres[0].q, (std::vector<int32_t>{-2048, 0, -2048}));  // (1 - 7) / 3, nothing known, (110 - 120) / 5
  EXPECT_EQ(centres[1].q, (std::vector<int32_t>{0, 0, -4096}));
  EXPECT_EQ(centres[0].modes, (std::vector<uint8_t>{2, 1}));
  EXPECT_EQ(centres[1].modes, (std::vector<uint8_t>{1, 1}));  // tin is one of the others now
}

}  // namespace
}  // namespace strata
