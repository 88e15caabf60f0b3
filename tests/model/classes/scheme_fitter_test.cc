// The fit of schemes against sorting all customers in one place, over shards, windows and orders.
#include "model/classes/scheme_fitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'400;

SchemeFitSettings AllSettings() {
  SchemeFitSettings settings;
  settings.value = true;
  settings.basis = "net";
  settings.peers_min = 40;
  for (auto& level : settings.levels) level.emplace();
  settings.levels[2]->fixed = {1'000'000, 90'000'000};
  settings.life_cycle.emplace().rule = "quantiles";
  return settings;
}

std::vector<TestRow> Rows() { return RandomRows(11, 2500, kAsOf - 500, kAsOf); }

int64_t RankedAt(std::vector<int64_t> values, size_t numerator, size_t denominator) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * numerator + denominator - 1) / denominator - 1];
}

TEST(SchemeFitter, EqualsSortingEveryCustomer) {
  const std::vector<TestRow> rows = Rows();
  SchemeFitter fitter(AllSettings());
  RunFit(&fitter, TestBase(rows, kAsOf, 0, 4).shards());
  const SchemeModels& models = fitter.result();
  const CustomerTable table(rows, kAsOf);
  const CustomerProfile profile(table.columns());

  std::vector<int64_t> margins, value_level, frequency, orders, prices;
  std::map<std::string, std::vector<int64_t>> by_category, by_peers;
  for (size_t i = 0; i < table.size(); ++i) {
    const std::string category = profile.category[i] < 0 ? "-" : std::to_string(profile.category[i]);
    if (profile.margin[i] != kNoWhole) {
      margins.push_back(profile.margin[i]);
      by_peers[std::to_string(profile.region[i]) + "/" + std::to_string(profile.tenure[i]) + "/" + category].push_back(
          profile.margin[i]);
    }
    if (table.purchase_days[i] == 0) continue;
    if (profile.margin[i] != kNoWhole) value_level.push_back(profile.margin[i]);
    frequency.push_back(table.purchase_days[i]);
    orders.push_back(profile.average_order[i]);
    if (profile.unit_price[i] == kNoWhole) continue;
    prices.push_back(profile.unit_price[i]);
    if (category != "-") by_category[category].push_back(profile.unit_price[i]);
  }
  ASSERT_TRUE(models.value.has_value());
  EXPECT_EQ(models.value->fitted_as_of, kAsOf);
  EXPECT_EQ(models.value->customers, static_cast<int64_t>(margins.size()));
  std::sort(margins.begin(), margins.end(), std::greater<>());
  Int128 sum = 0;
  for (size_t i = 0; i < (margins.size() * 20 + 99) / 100; ++i) sum += margins[i];
  EXPECT_EQ(ToString(models.value->curve.at(19)), ToString(sum));
  const auto cuts = [](const std::vector<int64_t>& values) {
    return std::vector<int64_t>{RankedAt(values, 1, 2), RankedAt(values, 4, 5)};
  };
  EXPECT_EQ(models.levels[0]->cuts, cuts(value_level));
  EXPECT_EQ(models.levels[1]->cuts, cuts(frequency));
  EXPECT_EQ(models.levels[2]->cuts, (std::vector<int64_t>{1'000'000, 90'000'000}));
  EXPECT_EQ(models.levels[3]->cuts, cuts(orders));
  EXPECT_EQ(models.levels[4]->cuts, cuts(prices));
  const char* const categories[] = {"books", "coffee", "tea", "toys"};
  EXPECT_EQ(models.levels[4]->by_group.size(), 4U);
  for (const auto& [category, values] : by_category) {
    ASSERT_GE(static_cast<int64_t>(values.size()), kSpendingGroupMin);
    EXPECT_EQ(models.levels[4]->by_group.at(categories[std::stoul(category)]), cuts(values)) << category;
  }
  size_t large = 0;
  for (const auto& [name, values] : by_peers) large += values.size() >= 40 ? 1 : 0;
  EXPECT_EQ(models.peers->groups.size(), large);
  EXPECT_GT(large, 5U);
  EXPECT_LT(large, by_peers.size()) << "some groups should be too small";
  const char* const regions[] = {"", "east", "west"};
  for (const PeerModel::Group& group : models.peers->groups) {
    const auto region = std::find(std::begin(regions), std::end(regions), group.region) - std::begin(regions) - 1;
    const auto category = std::find(std::begin(categories), std::end(categories), group.category);
    const std::string name = std::to_string(region) + "/" + (group.tenure.empty() ? "-1" : group.tenure) + "/" +
                             (group.category.empty() ? "-" : std::to_string(category - std::begin(categories)));
    ASSERT_TRUE(by_peers.contains(name)) << name;
    EXPECT_EQ(group.customers, static_cast<int64_t>(by_peers[name].size()));
    EXPECT_EQ(group.quantile, RankedAt(by_peers[name], 4, 5)) << name;
  }
}

TEST(SchemeFitter, FrozenCutsStayAndFiguresAreOfThisNight) {
  const TestBase base(Rows(), kAsOf, 0, 3);
  SchemeFitSettings settings = AllSettings();
  SchemeFitter nightly(settings);
  RunFit(&nightly, base.shards());
  ValueModel& frozen = settings.frozen_value.emplace();
  frozen.fitted_as_of = kAsOf - 30;
  frozen.a_from = 77;
  frozen.b_from = 7;
  settings.frozen_peers.emplace().groups = {{"east", "2", "tea", 100, 5}};
  SchemeFitter fitter(settings);
  RunFit(&fitter, base.shards());
  const ValueModel& value = *fitter.result().value;
  EXPECT_EQ(value.fitted_as_of, kAsOf - 30);
  EXPECT_EQ(value.a_from, 77);
  EXPECT_EQ(value.b_from, 7);
  EXPECT_FALSE(value.c_from.has_value());
  EXPECT_EQ(value.customers, nightly.result().value->customers);
  EXPECT_EQ(value.gini, nightly.result().value->gini);
  ASSERT_EQ(fitter.result().peers->groups.size(), 1U);
  EXPECT_EQ(fitter.result().peers->groups[0].quantile, 5);
}

TEST(SchemeFitter, WindowsOfRanksChangeNothing) {
  const TestBase base(Rows(), kAsOf, 0, 3);
  SchemeFitSettings settings = AllSettings();
  SchemeFitter whole(settings);
  RunFit(&whole, base.shards());
  settings.ranked_window = 90;
  SchemeFitter windows(settings);
  EXPECT_GT(RunFit(&windows, base.shards()), 20);
  EXPECT_EQ(windows.result().value->gini, whole.result().value->gini);
  EXPECT_EQ(windows.result().value->a_from, whole.result().value->a_from);
  EXPECT_EQ(windows.result().value->b_from, whole.result().value->b_from);
  EXPECT_TRUE(windows.result().value->curve == whole.result().value->curve);
}

TEST(SchemeFitter, ALifeCycleAloneNeedsNoRound) {
  SchemeFitSettings settings;
  settings.life_cycle.emplace().days = {1, 2, 3};
  const SchemeFitter fitter(settings);
  EXPECT_FALSE(fitter.Next().has_value());
  EXPECT_EQ(fitter.result().life_cycle->days, (std::array<int64_t, 3>{1, 2, 3}));
  EXPECT_FALSE(fitter.result().value.has_value());
}

TEST(SchemeFitter, AnEmptyBaseHasNoCuts) {
  SchemeFitter fitter(AllSettings());
  RunFit(&fitter, TestBase({}, kAsOf, 0, 2).shards());
  EXPECT_EQ(fitter.result().value->customers, 0);
  EXPECT_TRUE(fitter.result().value->curve.empty());
  EXPECT_TRUE(fitter.result().peers->groups.empty());
  EXPECT_TRUE(fitter.result().levels[0]->cuts.empty());
}

}  // namespace
}  // namespace strata
