// Rules of thumb at their best: thresholds against all thresholds tried one by one with the AUC of ranking_metrics.
#include "model/churn/tuned_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "model/statistics/ranking_metrics.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 9000;

struct Counted {
  RuleCounts counts;
  std::vector<double> recency, gap_cells;
  std::vector<uint8_t> churned;
};

Counted Count(const CustomerTable& table, uint64_t seed) {
  std::mt19937_64 random(seed);
  Counted counted;
  const CustomerColumns columns = table.columns();
  std::vector<size_t> rows;
  for (size_t row = 0; row < columns.size(); ++row) {
    if (columns.purchase_days[row] == 0) continue;
    rows.push_back(row);
    const auto days = static_cast<uint64_t>(kAsOf - columns.last_day[row]);
    const bool is_churned = random() % 120 < days;
    counted.counts.Add(columns, row, is_churned);
    counted.churned.push_back(is_churned ? 1 : 0);
    counted.recency.push_back(static_cast<double>(days));
  }
  const TunedRules rules = TuneRules(counted.counts);
  for (const size_t row : rows) {
    counted.gap_cells.push_back(static_cast<double>(GapCellOf(rules.GapRatio(columns, row))));
  }
  return counted;
}

// The least threshold of greatest AUC among all values that occur.
std::pair<double, double> Best(const std::vector<double>& values, const std::vector<uint8_t>& churned) {
  std::vector<double> thresholds = values;
  std::sort(thresholds.begin(), thresholds.end());
  std::pair<double, double> best = {0, -1};
  for (const double threshold : thresholds) {
    std::vector<double> rule;
    for (const double value : values) rule.push_back(value >= threshold ? 1 : 0);
    const double auc = Auc(rule, churned);
    if (auc > best.second + 1e-12) best = {threshold, auc};
  }
  return best;
}

TEST(TunedRules, AreTheBestOfAllThresholds) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const CustomerTable table(RandomRows(seed, 300, kAsOf - 300, kAsOf), kAsOf);
    const Counted counted = Count(table, seed);
    const TunedRules rules = TuneRules(counted.counts);
    const auto [days, days_auc] = Best(counted.recency, counted.churned);
    ASSERT_TRUE(rules.inactivity.found);
    EXPECT_EQ(static_cast<double>(rules.inactivity.from), days);
    EXPECT_NEAR(rules.inactivity.auc, days_auc, 1e-12);
    const auto [cell, gap_auc] = Best(counted.gap_cells, counted.churned);
    EXPECT_EQ(static_cast<double>(rules.gap.from), cell);
    EXPECT_NEAR(rules.gap.auc, gap_auc, 1e-12);
  }
}

TEST(TunedRules, CountsMergeAndTravelExactly) {
  const std::vector<TestRow> rows = RandomRows(4, 200, kAsOf - 300, kAsOf);
  std::vector<TestRow> first, second;
  for (const TestRow& row : rows) (row.customer % 3 == 0 ? first : second).push_back(row);
  const auto count = [](const std::vector<TestRow>& of) {
    const CustomerTable table(of, kAsOf);
    RuleCounts counts;
    for (size_t row = 0; row < table.size(); ++row) {
      if (table.purchase_days[row] > 0) counts.Add(table.columns(), row, table.hash[row] % 2 == 0);
    }
    return counts;
  };
  RuleCounts merged = count(second);
  merged.Merge(count(first));
  EXPECT_EQ(merged, count(rows));
  ByteWriter writer;
  merged.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(RuleCounts::Decode(&reader), merged);
  EXPECT_TRUE(reader.Finish("counts").ok());
}

TEST(TunedRules, OfOneClassThereIsNone) {
  RuleCounts counts;
  counts.by_recency[5] = {0, 3};
  EXPECT_FALSE(TuneRules(counts).inactivity.found);
  EXPECT_FALSE(TuneRules(RuleCounts()).gap.found);
}

TEST(TunedRules, OneTimeBuyersHaveTheUsualGapOfTheBase) {
  // One customer with gaps of 10 and 30 days; one that bought once, 40 days ago.
  const CustomerTable table({{1, kAsOf - 60, 1}, {1, kAsOf - 50, 1}, {1, kAsOf - 20, 1}, {2, kAsOf - 40, 1}}, kAsOf);
  RuleCounts counts;
  for (size_t row = 0; row < 2; ++row) counts.Add(table.columns(), row, row == 0);
  const TunedRules rules = TuneRules(counts);
  for (size_t row = 0; row < 2; ++row) {
    const double gaps = table.purchase_days[row] == 1 ? 2.0 : 1.0;  // 40 and 20 days over 20
    EXPECT_EQ(rules.GapRatio(table.columns(), row), static_cast<int64_t>(gaps * (1 << kGapRatioBits)));
  }
}

}  // namespace
}  // namespace strata
