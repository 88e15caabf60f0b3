// The reports of churn that look at customers: figures against a walk over all of them, the same for any shards, and
// what is left out.
#include "data/reports/churn_reports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "data/reports/retention_list.h"
#include "tests/data/reports/churn_base.h"

namespace strata {
namespace {

// Cells by the column's name.
class Reader {
 public:
  Reader(RegisteredReport report, ReportTable table) : report_(std::move(report)), table_(std::move(table)) {}
  size_t rows() const { return table_.rows; }
  int64_t Whole(size_t row, const std::string& column) const { return table_.whole[Place(column)].at(row); }
  double Number(size_t row, const std::string& column) const { return table_.number[Place(column)].at(row); }
  std::string Text(size_t row, const std::string& column) const {
    return table_.text[Place(column)].at(row).value_or("(none)");
  }

 private:
  size_t Place(const std::string& column) const {
    for (size_t i = 0; i < report_.info.columns.size(); ++i) {
      if (report_.info.columns[i].name == column) return i;
    }
    ADD_FAILURE() << "no column " << column;
    return 0;
  }
  RegisteredReport report_;
  ReportTable table_;
};

Reader Made(const ChurnBase& base, const RegisteredReport& report) {
  absl::StatusOr<ReportTable> table = base.Made(report);
  EXPECT_TRUE(table.ok()) << report.info.name << ": " << table.status();
  return Reader(report, table.ok() ? *std::move(table) : ReportTable());
}

std::vector<RegisteredReport> OfCustomers() {
  return {ChurnBandsReport(), ChurnRetentionReport(), ChurnLossReport(), ChurnSurvivalReport(), ChurnTraitsReport()};
}

TEST(ChurnReports, AreTheSameForAnyShards) {
  const ChurnBase one(1);
  for (const uint32_t shards : {2U, 7U}) {
    const ChurnBase many(shards);
    for (const RegisteredReport& report : OfCustomers()) {
      const absl::StatusOr<ReportTable> expected = one.Made(report), found = many.Made(report);
      ASSERT_OK(expected);
      ASSERT_OK(found);
      EXPECT_GT(expected->rows, 2U) << report.info.name;
      EXPECT_EQ(*EncodeReport(report.info.name, report.info.columns, *found),
                *EncodeReport(report.info.name, report.info.columns, *expected))
          << report.info.name << ", " << shards << " shards";
    }
  }
}

TEST(ChurnReports, PartialsMergeInAnyGrouping) {
  const ChurnBase base(6);
  for (const RegisteredReport& report : OfCustomers()) {
    std::vector<std::string> partials;
    for (const ReportShard& shard : base.shards()) {
      partials.push_back(*report.accumulate(shard));
      EXPECT_EQ(*report.merge({partials.back()}), partials.back()) << report.info.name << ": neutral";
    }
    const std::string all = *report.merge({partials.begin(), partials.end()});
    EXPECT_EQ(*report.merge({partials.rbegin(), partials.rend()}), all) << report.info.name;
    const std::string some = *report.merge({partials[4], partials[1]}),
                      rest = *report.merge({partials[5], partials[0]});
    EXPECT_EQ(*report.merge({rest, partials[3], some, partials[2]}), all) << report.info.name;
    for (size_t size = 0; size < all.size(); size += 1 + all.size() / 40) {
      EXPECT_FALSE(report.merge({std::string_view(all).substr(0, size)}).ok()) << report.info.name << " " << size;
    }
  }
}

// Walks over the purchase days of every customer, which the report never sees.
TEST(ChurnReports, LossIsThatOfThePurchaseDays) {
  const ChurnBase base(3);
  struct Line {
    int64_t at_risk = 0, lost = 0;
  };
  std::map<std::tuple<int64_t, std::string, std::string>, Line> expected;
  for (const ReportShard& shard : base.shards()) {
    for (const uint64_t hash : shard.today->hash) {
      const std::vector<Day> days = base.PurchaseDays(hash);
      for (const int back : {1, 2, 3}) {
        const Day cutoff = ChurnBase::kAsOf - back * ChurnBase::kHorizon;
        const auto bought = [&days](Day after, Day until) {
          return std::count_if(days.begin(), days.end(), [&](Day day) { return day > after && day <= until; });
        };
        if (bought(cutoff - ChurnBase::kEligible, cutoff) == 0) continue;
        const int64_t lost = bought(cutoff, cutoff + ChurnBase::kHorizon) == 0 ? 1 : 0;
        const Day tenure = cutoff - days.front();
        const std::string band = tenure <= 90 ? "0-90" : tenure <= 365 ? "91-365" : "366-1095";
        for (const auto& [dimension, value] : {std::pair<std::string, std::string>("all", "all"), {"tenure", band}}) {
          Line& line = expected[{cutoff, dimension, value}];
          ++line.at_risk;
          line.lost += lost;
        }
      }
    }
  }
  const Reader loss = Made(base, ChurnLossReport());
  size_t checked = 0;
  std::map<std::tuple<int64_t, std::string>, int64_t> at_risk_of;
  for (size_t row = 0; row < loss.rows(); ++row) {
    const std::string dimension = loss.Text(row, "dimension");
    at_risk_of[{loss.Whole(row, "cutoff"), dimension}] += loss.Whole(row, "at_risk");
    const auto found = expected.find({loss.Whole(row, "cutoff"), dimension, loss.Text(row, "value")});
    if (found == expected.end()) continue;
    ++checked;
    EXPECT_EQ(loss.Whole(row, "at_risk"), found->second.at_risk);
    EXPECT_EQ(loss.Whole(row, "churned"), found->second.lost);
    if (found->second.at_risk < 20) {
      EXPECT_TRUE(std::isnan(loss.Number(row, "rate")));
    } else {
      const double rate = static_cast<double>(found->second.lost) / static_cast<double>(found->second.at_risk);
      EXPECT_EQ(loss.Number(row, "rate"), rate);
      EXPECT_LT(loss.Number(row, "low"), rate);
      EXPECT_GT(loss.Number(row, "high"), rate);
    }
  }
  EXPECT_EQ(checked, expected.size());
  EXPECT_EQ(at_risk_of.size(), 3 * 5U) << "all, tenure, segment, region, category at three cutoffs";
  for (const auto& [key, at_risk] : at_risk_of) {
    EXPECT_EQ(at_risk, (at_risk_of[{std::get<0>(key), "all"}])) << std::get<1>(key) << ": everybody is somewhere";
  }
}

TEST(ChurnReports, SurvivalIsThatOfThePurchaseDays) {
  const ChurnBase base(3);
  SurvivalCounts counts;
  int64_t too_young = 0;
  for (const ReportShard& shard : base.shards()) {
    for (const uint64_t hash : shard.today->hash) {
      const std::vector<Day> days = base.PurchaseDays(hash);
      const auto span = TenureOfBuyer(days, ChurnBase::kAsOf, ChurnBase::kHorizon);
      if (span.has_value()) counts.Add(*span);
      too_young += !days.empty() && !span.has_value() ? 1 : 0;
    }
  }
  const std::vector<SurvivalPoint> points = KaplanMeier(counts);
  const Reader report = Made(base, ChurnSurvivalReport());
  ASSERT_GE(report.rows(), points.size());
  ASSERT_LE(points.size(), 400U);
  int64_t began = 0;
  for (size_t row = 0; row < report.rows(); ++row) {
    if (row < points.size()) {
      ASSERT_EQ(report.Text(row, "dimension"), "all");
      EXPECT_EQ(report.Whole(row, "tenure_days"), points[row].day);
      EXPECT_EQ(report.Whole(row, "customers"), counts.customers());
      EXPECT_EQ(report.Whole(row, "too_young"), too_young);
      EXPECT_EQ(report.Whole(row, "at_risk"), points[row].at_risk);
      EXPECT_EQ(report.Whole(row, "lost"), points[row].events);
      EXPECT_EQ(report.Number(row, "survival"), points[row].survival);
      if (points[row].low.has_value()) {
        EXPECT_EQ(report.Number(row, "low"), *points[row].low);
        EXPECT_EQ(report.Number(row, "high"), *points[row].high);
      } else {
        EXPECT_TRUE(std::isnan(report.Number(row, "low")));
      }
    } else if (report.Text(row, "dimension") == "began" &&
               (row == 0 || report.Text(row, "value") != report.Text(row - 1, "value"))) {
      began += report.Whole(row, "customers");
    }
  }
  EXPECT_EQ(began, counts.customers()) << "every customer began in some year";
}

TEST(ChurnReports, TraitsTellTheLostFromTheKept) {
  const ChurnBase base(3);
  std::vector<double> lost, kept;  // days since the last purchase
  for (const ReportShard& shard : base.shards()) {
    const CustomerColumns& then = shard.churn_views.front();
    for (size_t row = 0; row < then.size(); ++row) {
      const Day recency = then.as_of - then.last_day[row];
      if (then.purchase_days[row] == 0 || recency >= ChurnBase::kEligible) continue;
      (then.future_purchase_days[row] == 0 ? lost : kept).push_back(recency);
    }
  }
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  const auto squares = [&mean](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += (value - mean(values)) * (value - mean(values));
    return sum;
  };
  const double pooled = std::sqrt((squares(lost) + squares(kept)) / static_cast<double>(lost.size() + kept.size() - 2));
  const Reader report = Made(base, ChurnTraitsReport());
  double before = HUGE_VAL;
  bool is_seen = false;
  for (size_t row = 0; row < report.rows(); ++row) {
    if (report.Text(row, "measure") == "d") {
      EXPECT_LE(std::fabs(report.Number(row, "effect")), before);
      before = std::fabs(report.Number(row, "effect"));
    }
    if (report.Text(row, "trait") != "recency_days") continue;
    is_seen = true;
    EXPECT_NEAR(report.Number(row, "lost"), mean(lost), 1e-9);
    EXPECT_NEAR(report.Number(row, "kept"), mean(kept), 1e-9);
    EXPECT_NEAR(report.Number(row, "effect"), (mean(lost) - mean(kept)) / pooled, 1e-9);
  }
  EXPECT_TRUE(is_seen);
}

TEST(ChurnReports, BandsAddUpToTheBase) {
  const ChurnBase base(4);
  std::map<int64_t, int64_t> customers;
  double expected = 0, value = 0;
  for (const ReportShard& shard : base.shards()) {
    for (const CustomerScore& score : shard.scores) {
      ++customers[static_cast<int64_t>(score.churn.band)];
      if (score.churn.band == ChurnBand::kHigh) expected += score.churn_probability;
      if (score.churn.band == ChurnBand::kHigh && std::isfinite(score.churn.value_at_risk)) {
        value += score.churn.value_at_risk;
      }
    }
  }
  const Reader bands = Made(base, ChurnBandsReport());
  ASSERT_EQ(bands.rows(), 4U);
  for (size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(bands.Whole(row, "customers"), customers[bands.Whole(row, "place")]);
    if (row > 1) {
      EXPECT_EQ(bands.Number(row, "from"), bands.Number(row - 1, "to"));
    }
  }
  EXPECT_EQ(bands.Text(3, "band"), "high");
  EXPECT_NEAR(bands.Number(3, "expected_churners"), expected, 1e-6);
  EXPECT_NEAR(static_cast<double>(bands.Whole(3, "value_at_risk")) / 1e6, value, 1e-2);
}

TEST(ChurnReports, RetentionListsTheGreatestValuesAtRisk) {
  ChurnBase base(5);
  base.job().churn->actions = {
      {.name = "call", .campaign = "", .bands = {2}, .save_rate = 150'000, .cost_micros = 1'000'000},
      {.name = "letter", .campaign = "", .bands = {1, 2}, .save_rate = 20'000, .cost_micros = 0},
      {.name = "gift", .campaign = "", .bands = {1, 2}, .save_rate = std::nullopt, .cost_micros = 0}};
  std::vector<std::tuple<int64_t, uint64_t>> expected;  // value downwards, hash
  for (const ReportShard& shard : base.shards()) {
    for (size_t row = 0; row < shard.scores.size(); ++row) {
      const double value = shard.scores[row].churn.value_at_risk;
      if (value > 0) expected.emplace_back(-std::llround(value * 1e6), shard.today->hash[row]);
    }
  }
  std::sort(expected.begin(), expected.end());
  const Reader list = Made(base, ChurnRetentionReport());
  ASSERT_EQ(list.rows(), 25U) << "as the job says";
  for (size_t row = 0; row < list.rows(); ++row) {
    const auto& [value, hash] = expected.at(row);
    EXPECT_EQ(list.Whole(row, "rank"), static_cast<int64_t>(row + 1));
    EXPECT_EQ(list.Text(row, "customer_id"), "customer-" + std::to_string(hash));
    EXPECT_EQ(list.Whole(row, "value_at_risk"), -value);
    const bool is_low = list.Text(row, "band") == "low";
    EXPECT_EQ(list.Text(row, "reason_1"), is_low ? "(none)" : "inactivity");
    EXPECT_EQ(list.Text(row, "reason_2"), "(none)") << "what lowers the risk is no reason for it";
    if (is_low) {
      EXPECT_EQ(list.Text(row, "action"), "(none)");
      continue;
    }
    const int64_t call = std::llround(0.15 * static_cast<double>(-value)) - 1'000'000;
    const int64_t letter = std::llround(0.02 * static_cast<double>(-value));
    const bool is_call = list.Text(row, "band") == "high" && call > letter;
    EXPECT_EQ(list.Text(row, "action"), is_call ? "call" : "letter");
    EXPECT_EQ(list.Text(row, "basis"), "assumed");
    EXPECT_NEAR(static_cast<double>(list.Whole(row, "expected_gain")), static_cast<double>(is_call ? call : letter), 1);
  }
}

TEST(ChurnReports, WithoutASaveRateNothingIsSaved) {
  ChurnBase base(2);
  base.job().churn->actions = {{.name = "gift", .campaign = "", .bands = {0, 1, 2}, .save_rate = std::nullopt}};
  const Reader list = Made(base, ChurnRetentionReport());
  for (size_t row = 0; row < list.rows(); ++row) {
    EXPECT_EQ(list.Text(row, "action"), "(none)");
    EXPECT_EQ(list.Text(row, "basis"), "(none)");
    EXPECT_EQ(list.Whole(row, "expected_gain"), kNoWhole);
  }
}

TEST(ChurnReports, AnActionThatCostsMoreThanItSavesIsNotProposed) {
  const std::vector<ChurnAction> dear = {
      {.name = "visit", .campaign = "", .bands = {2}, .save_rate = 500'000, .cost_micros = 100'000'000}};
  EXPECT_FALSE(BestActionFor(dear, ChurnBand::kHigh, 200'000'000).has_value()) << "saves as much as it costs";
  EXPECT_FALSE(BestActionFor(dear, ChurnBand::kMedium, 900'000'000).has_value()) << "is for another band";
  const auto best = BestActionFor(dear, ChurnBand::kHigh, 200'000'002);
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->gain_micros, 1);
}

}  // namespace
}  // namespace strata
