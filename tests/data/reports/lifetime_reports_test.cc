// The reports of lifetime values: figures against a walk over all customers, published figures, the same for any
// shards, and why a report is left out.
#include "data/reports/lifetime_reports.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/lifetime/forecast.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/new_customers.h"
#include "tests/data/reports/lifetime_base.h"
#include "tests/model/lifetime/golden.h"
#include "tests/model/lifetime/golden_base.h"

namespace strata {
namespace {

PurchaseHistory HistoryOf(const LifetimeBase::Known& known) {
  return {.x = known.purchases - 1,
          .t_x = (known.last - known.first) / 7.0,
          .T = (LifetimeBase::kThen - known.first) / 7.0};
}

TEST(LifetimeReports, AreTheSameForAnyShards) {
  for (const RegisteredReport& report : LifetimeReports()) {
    if (report.info.needs.covariates) continue;  // none were fitted
    const std::string one = *EncodeReport(report.info.name, report.info.columns, Table(report));
    for (const uint32_t shards : {2u, 7u}) {
      EXPECT_EQ(*EncodeReport(report.info.name, report.info.columns, Table(report, Base(), shards)), one)
          << report.info.name << ", " << shards << " shards";
    }
  }
}

// Who ranks where is worked out with mantissas instead of bits, and every customer stands alone.
struct Ranked {
  double predicted = 0, rank = 0;
  int64_t actual = 0;
};

double RankOf(double micros) {
  int exponent = 0;
  const double mantissa = std::frexp(std::round(micros), &exponent);
  return std::ldexp(std::trunc(mantissa * 2048), exponent);
}

std::vector<Ranked> RankedByModel() {
  std::vector<Ranked> ranked;
  const HoldoutSpend spend = LifetimeBase::TrueSpend();
  const GammaGammaParameters at{.p = spend.p, .q = spend.q, .v = spend.v};
  for (const Buyer& buyer : Base().buyers()) {
    const LifetimeBase::Known known = LifetimeBase::KnownOf(buyer);
    if (known.purchases == 0) continue;
    const int64_t x = known.purchases - 1;
    const double each =
        x == 0 ? PopulationSpend(at)
               : ExpectedSpend(at, x, static_cast<double>(known.repeat_net) / 1e6 / static_cast<double>(x));
    const double purchases =
        ExpectedPurchases(LifetimeBase::Truth(), HistoryOf(known), LifetimeBase::kHoldoutDays / 7.0);
    ranked.push_back({1e6 * purchases * each, RankOf(1e6 * purchases * each), known.future_net});
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.rank > b.rank; });
  // Equal ranks share what they have.
  for (size_t begin = 0, end = 0; begin < ranked.size(); begin = end) {
    double predicted = 0, actual = 0;
    for (; end < ranked.size() && ranked[end].rank == ranked[begin].rank; ++end) {
      predicted += ranked[end].predicted;
      actual += static_cast<double>(ranked[end].actual);
    }
    for (size_t i = begin; i < end; ++i) {
      ranked[i].predicted = predicted / static_cast<double>(end - begin);
      ranked[i].actual = std::llround(actual / static_cast<double>(end - begin));
    }
  }
  return ranked;
}

TEST(LifetimeReports, DecilesAreThoseOfTheCustomersOneByOne) {
  const RegisteredReport report = LifetimeDecilesReport();
  const ReportTable table = Table(report);
  const Read read(report, table);
  const std::vector<Ranked> ranked = RankedByModel();
  const auto customers = static_cast<int64_t>(ranked.size());
  ASSERT_EQ(table.rows, 10u);
  double total = 0;
  for (const Ranked& one : ranked) total += static_cast<double>(one.actual);
  size_t place = 0;
  double captured = 0;
  for (size_t decile = 0; decile < 10; ++decile) {
    double predicted = 0, actual = 0;
    const auto until = static_cast<size_t>((customers * static_cast<int64_t>(decile + 1) + 9) / 10);
    const size_t from = place;
    for (; place < until; ++place) {
      predicted += ranked[place].predicted;
      actual += static_cast<double>(ranked[place].actual);
    }
    captured += actual / total;
    EXPECT_EQ(read.Whole("customers")[decile], static_cast<int64_t>(until - from));
    EXPECT_NEAR(static_cast<double>(read.Whole("predicted_value")[decile]), predicted, 1e3);  // micros
    EXPECT_NEAR(static_cast<double>(read.Whole("actual_value")[decile]), actual, 1e3);
    EXPECT_NEAR(read.Number("captured")[decile], captured, 1e-9);
    EXPECT_GE(read.Number("captured_hindsight")[decile], read.Number("captured")[decile]);
    EXPECT_GE(read.Number("captured_hindsight")[decile], read.Number("captured_last_period_repeats")[decile]);
  }
  for (const char* column : {"captured", "captured_historic_average", "captured_last_period_repeats"}) {
    EXPECT_NEAR(read.Number(column)[9], 1, 1e-12) << column;
    EXPECT_GT(read.Number(column)[1], 0.25) << column << ": the top 20 %";
  }
  EXPECT_GT(read.Number("captured")[1], read.Number("captured_last_period_repeats")[1]) << "the model is true";
}

TEST(LifetimeReports, IntervalsOfATrueModelHoldWhatTheyClaim) {
  const LifetimeBase base(8, 6000);
  const RegisteredReport report = LifetimeCoverageReport();
  const ReportTable table = Table(report, base, 3);
  const Read read(report, table);
  ASSERT_EQ(table.rows, 2u);
  const auto& holdout = *base.facts().models->lifetime->holdout;
  EXPECT_EQ(read.Text("quantity")[0], "purchases");
  EXPECT_EQ(read.Text("quantity")[1], "spend");
  for (size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(read.Whole("customers")[row], holdout.customers);
    EXPECT_GE(read.Number("mass")[row], 0.9);
    // Days merge some purchases, so a little less is spent than the model has it.
    EXPECT_NEAR(read.Number("covered")[row], read.Number("mass")[row], 0.012);
  }
}

TEST(LifetimeReports, WeeksOfCdnowAreAsPublished) {
  const GoldenBase& cdnow = GoldenBaseNamed("cdnow_sample_A");
  FittedModels models;
  LifetimeModel& model = models.lifetime.emplace();
  model.fit.fitted = true;
  BaseHistory& history = model.history.emplace();
  for (const GoldenCustomer& customer : cdnow.customers) {
    ++history.births[customer.first_day];
    for (const Day day : customer.repeats) ++history.repeats[day];
  }
  const Day begin = ToDay({.year = 1997, .month = 1, .day = 1});
  HoldoutJudgement& judged = model.holdout.emplace();
  judged.as_of = begin + 39 * 7 - 1;
  const ReportFacts facts{.as_of = begin + 78 * 7 - 1, .models = &models};
  const RegisteredReport report = LifetimeTrackingReport();
  for (const auto& [kind, name] :
       {std::pair(LifetimeKind::kBgNbd, "bg_nbd"), std::pair(LifetimeKind::kMbgNbd, "mbg_nbd"),
        std::pair(LifetimeKind::kParetoNbd, "pareto_nbd")}) {
    const GoldenEntry golden = Golden(std::string("cdnow_sample_A.tracking.") + name + "_expected_cumulative");
    const std::vector<double> parameters = golden.Inputs("params");
    judged.parameters = {.kind = kind, .value = {}, .k = 1};
    std::copy(parameters.begin(), parameters.end(), judged.parameters.value.begin());
    const auto made = report.finish({}, facts);
    ASSERT_OK(made);
    const Read read(report, *made);
    ASSERT_EQ(made->rows, 78u);
    std::vector<double> rounded = read.Number("expected_cumulative");  // as the published ones are
    for (double& value : rounded) value = std::round(value * 1e6) / 1e6;
    ExpectGolden(golden, rounded);
    const auto& actual = read.Whole("actual");
    ExpectGolden(Golden("cdnow_sample_A.tracking.actual_incremental"), {actual.begin(), actual.end()});
    EXPECT_EQ(read.Whole("is_holdout")[38], 0);
    EXPECT_EQ(read.Whole("is_holdout")[39], 1);
  }
}

TEST(LifetimeReports, CohortsAreThoseOfTheCustomersOneByOne) {
  struct Month {
    int64_t customers = 0, repeats = 0;
    std::set<uint64_t> buyers;
    int64_t net = 0, repeat_net = 0;
    double expected = 0;
  };
  std::map<std::pair<Day, int32_t>, Month> expected;
  const auto since_birth = [](Day birth, Day end) {
    return end <= birth ? 0 : ExpectedPurchasesOfNewCustomer(LifetimeBase::Truth(), (end - birth) / 7.0);
  };
  std::map<std::pair<Day, Day>, double> known;  // of days of birth, by end
  for (const Buyer& buyer : Base().buyers()) {
    const Day birth = buyer.days.front().day;
    const int32_t cohort = MonthOf(birth);
    for (int32_t month = cohort; FirstDayOfMonth(month) <= LifetimeBase::kNow; ++month) {
      const Day from = FirstDayOfMonth(month), end = std::min(FirstDayOfMonth(month + 1), LifetimeBase::kNow + 1);
      Month& cell = expected[{FirstDayOfMonth(cohort), month - cohort}];
      ++cell.customers;
      auto [found, is_new] = known.try_emplace({birth, end}, 0);
      if (is_new) found->second = since_birth(birth, end) - since_birth(birth, from);
      cell.expected += found->second;
      for (const CustomerDay& day : buyer.days) {
        if (day.day < from || day.day >= end) continue;
        cell.buyers.insert(buyer.hash);
        cell.net += day.net_micros;
        if (day.day == birth) continue;
        ++cell.repeats;
        cell.repeat_net += day.net_micros;
      }
    }
  }
  const RegisteredReport report = LifetimeCohortsReport();
  const ReportTable table = Table(report);
  const Read read(report, table);
  ASSERT_EQ(table.rows, expected.size());
  size_t row = 0;
  for (const auto& [key, month] : expected) {
    SCOPED_TRACE(FormatDay(key.first) + " + " + std::to_string(key.second));
    EXPECT_EQ(read.Whole("cohort")[row], key.first);
    EXPECT_EQ(read.Whole("months_since")[row], key.second);
    EXPECT_EQ(read.Whole("customers")[row], month.customers);
    EXPECT_EQ(read.Whole("buyers")[row], static_cast<int64_t>(month.buyers.size()));
    EXPECT_EQ(read.Whole("actual_repeat")[row], month.repeats);
    EXPECT_EQ(read.Whole("actual_net")[row], month.net);
    EXPECT_EQ(read.Whole("actual_repeat_net")[row], month.repeat_net);
    EXPECT_NEAR(read.Number("expected_repeat")[row], month.expected, 1e-8 * (1 + month.expected));
    EXPECT_NEAR(read.Number("expected_repeat_net")[row], 30 * month.expected, 1e-6 * (1 + month.expected));
    ++row;
  }
}

TEST(LifetimeReports, SurvivalFallsAndPurchasesGrowAsTheTrueModelSays) {
  const RegisteredReport report = LifetimeSurvivalReport();
  const ReportTable table = Table(report);
  const Read read(report, table);
  std::vector<double> alive, expected, actual;
  for (size_t row = 0; row < table.rows && read.Whole("cohort")[row] == kNoWhole; ++row) {
    EXPECT_EQ(read.Whole("months_since")[row], static_cast<int64_t>(row));
    alive.push_back(read.Number("alive")[row]);
    expected.push_back(read.Number("expected_repeats")[row]);
    actual.push_back(read.Number("repeats")[row]);
  }
  ASSERT_EQ(alive.size(), 61u) << "five years";
  EXPECT_TRUE(std::isnan(actual.back())) << "nobody is so old";
  EXPECT_NEAR(alive.back(), SurvivalOfNewCustomer(LifetimeBase::Truth(), 61 * 30.4375 / 7), 1e-12);
  const auto known = static_cast<size_t>(
      std::find_if(actual.begin(), actual.end(), [](double value) { return std::isnan(value); }) - actual.begin());
  for (size_t month = 1; month < alive.size(); ++month) {
    EXPECT_LT(alive[month], alive[month - 1] + (month < known ? 0.02 : 0)) << month;  // cohorts change with the months
  }
  EXPECT_NEAR(expected[12], actual[12], 0.1 * actual[12]) << "a year after the first purchase";
}

}  // namespace
}  // namespace strata
