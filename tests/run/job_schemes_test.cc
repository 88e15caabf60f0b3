// What a job says of RFM, value, levels and life-cycle, as it is read.
#include "run/job_schemes.h"

#include <gtest/gtest.h>

#include <string>

namespace strata {
namespace {

// The section `models` of a job that has nothing else.
YamlSection ModelsOf(const std::string& text) {
  const auto root = YamlSection::ParseFile("models:\n" + text, "job.yaml", {"models"});
  EXPECT_TRUE(root.ok()) << root.status();
  auto models = root->Section("models", {"rfm", "value", "levels", "life_cycle"});
  EXPECT_TRUE(models.ok()) << models.status();
  return **std::move(models);
}

template <typename T, typename Read>
T ReadIt(const std::string& text, Read read) {
  std::optional<T> settings;
  const absl::Status status = read(ModelsOf(text), &settings);
  EXPECT_TRUE(status.ok()) << status;
  return settings.value_or(T());
}

RfmRules Rfm(const std::string& text) { return ReadIt<RfmRules>("  rfm: " + text + "\n", ReadRfmRules); }

TEST(RfmRulesOfAJob, DefaultsArePlainQuintiles) {
  const RfmRules rules = Rfm("{}");
  EXPECT_EQ(rules.scores, (std::array<int, 3>{5, 5, 5}));
  EXPECT_EQ(rules.cuts, RfmRules::Cuts::kQuantile);
  EXPECT_EQ(rules.grid, "eleven");
  EXPECT_EQ(rules.window, RfmWindow());
  EXPECT_FALSE(rules.mid_rank);
  EXPECT_FALSE(rules.mean_fm);
  EXPECT_EQ(rules.refit, Refit::kNightly);
}

TEST(RfmRulesOfAJob, AreReadInFull) {
  const RfmRules rules = Rfm(R"({scores: {recency: 2, frequency: 3, monetary: 3}, cuts: nested, ties: mid_rank,
    window: {calendar: quarter, count: 4}, grid: mine, frequency_axis: mean_fm, refit: frozen,
    grids: {mine: {axes: [recency, frequency], cells: {"1[1-3]": gone, "2[1-3]": here}}}})");
  EXPECT_EQ(rules.scores, (std::array<int, 3>{2, 3, 3}));
  EXPECT_EQ(rules.cuts, RfmRules::Cuts::kNested);
  EXPECT_TRUE(rules.mid_rank);
  EXPECT_EQ(rules.window, (RfmWindow{RfmWindow::Kind::kQuarters, 4}));
  EXPECT_EQ(rules.grid, "mine");
  EXPECT_TRUE(rules.mean_fm);
  EXPECT_EQ(rules.refit, Refit::kFrozen);
  ASSERT_TRUE(rules.grids.contains("mine"));
  EXPECT_EQ(rules.grids.at("mine").axes, (std::vector<int>{0, 1}));
  EXPECT_EQ(rules.grids.at("mine").cells.size(), 2U);
}

TEST(RfmRulesOfAJob, FixedCutsAndWindows) {
  const RfmRules rules =
      Rfm("{scores: 3, cuts: fixed, fixed: {recency_days: [30, 90], frequency: [1, 4], monetary: [-5, 10.25]}}");
  EXPECT_EQ(rules.fixed[0], (std::vector<int64_t>{30, 90}));
  EXPECT_EQ(rules.fixed[1], (std::vector<int64_t>{1, 4}));
  EXPECT_EQ(rules.fixed[2], (std::vector<int64_t>{-5'000'000, 10'250'000}));
  EXPECT_EQ(Rfm("{window: {days: 365}}").window, (RfmWindow{RfmWindow::Kind::kTrailing, 365}));
  EXPECT_EQ(Rfm("{window: {calendar: year}}").window, (RfmWindow{RfmWindow::Kind::kYears, 1}));
  EXPECT_EQ(Rfm("{window: all}").window, RfmWindow());
}

TEST(ValueSettingsOfAJob, AreRead) {
  const auto value = ReadIt<ValueSettings>(R"(  value:
    {window_days: 365, a: 0.7, b: 0.9, d_beyond: 0.995, loyalty: {up: 3, down: 0}, stability: {up_max: 0.5, down_min: 2},
     peer_quantile: 0.75, peers_min: 30, refit: frozen, treatment: {A: personal care, D: stop}}
)",
                                           ReadValueSettings);
  EXPECT_EQ(value.window_days, 365);
  EXPECT_EQ(value.a, 700'000);
  EXPECT_EQ(value.b, 900'000);
  EXPECT_EQ(value.d_beyond, 995'000);
  EXPECT_EQ(value.loyalty_up, 3);
  EXPECT_EQ(value.loyalty_down, 0);
  EXPECT_EQ(value.stability_up_max, 500'000);
  EXPECT_EQ(value.stability_down_min, 2'000'000);
  EXPECT_EQ(value.peer_quantile, 750'000);
  EXPECT_EQ(value.peers_min, 30);
  EXPECT_EQ(value.refit, Refit::kFrozen);
  EXPECT_EQ(value.treatment, (std::map<std::string, std::string>{{"A", "personal care"}, {"D", "stop"}}));
  EXPECT_FALSE(ReadIt<ValueSettings>("  value: {window_days: all}\n", ReadValueSettings).window_days.has_value());
}

TEST(LevelSettingsOfAJob, OneListServesAllAndEachMayHaveItsOwn) {
  const auto levels = ReadIt<LevelSettings>(
      "  levels: {cuts: [0.25, 0.75], frequency: {fixed: [2, 5]}, amount: {cuts: [0.1, 0.2]}, order: {fixed: [9.5, "
      "20]}}\n",
      ReadLevelSettings);
  EXPECT_EQ(levels.value, (LevelCuts{{250'000, 750'000}, {}}));
  EXPECT_EQ(levels.frequency, (LevelCuts{{250'000, 750'000}, {2, 5}}));
  EXPECT_EQ(levels.amount, (LevelCuts{{100'000, 200'000}, {}}));
  EXPECT_EQ(levels.order, (LevelCuts{{250'000, 750'000}, {9'500'000, 20'000'000}}));
  EXPECT_EQ(levels.spending, levels.value);
  EXPECT_EQ(ReadIt<LevelSettings>("  levels:\n", ReadLevelSettings).value, LevelCuts());
}

TEST(LifeCycleSettingsOfAJob, AreQuantilesOrDays) {
  const auto fitted = ReadIt<LifeCycleSettings>(
      "  life_cycle: {gap_days: 200, quantiles: [0.5, 0.6, 0.7], refit: frozen}\n", ReadLifeCycleSettings);
  EXPECT_EQ(fitted.gap_days, 200);
  EXPECT_EQ(fitted.quantiles, (std::array<int64_t, 3>{500'000, 600'000, 700'000}));
  EXPECT_EQ(fitted.refit, Refit::kFrozen);
  const auto fixed = ReadIt<LifeCycleSettings>("  life_cycle: {fixed_days: [60, 120, 365]}\n", ReadLifeCycleSettings);
  EXPECT_EQ(fixed.fixed_days, (std::vector<int>{60, 120, 365}));
}

TEST(SchemesOfAJob, AreAbsentUnlessNamed) {
  const YamlSection models = ModelsOf("  rfm: {}\n");
  std::optional<ValueSettings> value;
  std::optional<LevelSettings> levels;
  std::optional<LifeCycleSettings> life_cycle;
  EXPECT_TRUE(ReadValueSettings(models, &value).ok());
  EXPECT_TRUE(ReadLevelSettings(models, &levels).ok());
  EXPECT_TRUE(ReadLifeCycleSettings(models, &life_cycle).ok());
  EXPECT_FALSE(value.has_value() || levels.has_value() || life_cycle.has_value());
}

}  // namespace
}  // namespace strata
