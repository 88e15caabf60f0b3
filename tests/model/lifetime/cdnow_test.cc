// The CDNOW sample of the papers, from rows to forecasts: fits and hold-out tables against golden values.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/history_table.h"
#include "model/lifetime/lifetime_fitter.h"
#include "model/lifetime/spend_fitter.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

std::vector<PurchaseRow> Rows() { return *PurchaseTable::Of(CdnowCalibration().Columns()).Rows(); }

TEST(Cdnow, TheDataAreThoseOfThePapers) {
  const std::vector<PurchaseRow> rows = Rows();
  double customers = 0, repeaters = 0, purchases = 0;
  for (const PurchaseRow& row : rows) {
    const auto count = static_cast<double>(row.customers);
    customers += count;
    repeaters += row.x > 0 ? count : 0;
    purchases += count * row.x;
  }
  ExpectGolden(Golden("cdnow_sample_A.count.customers"), {customers});
  ExpectGolden(Golden("cdnow_sample_A.count.repeaters"), {repeaters});
  ExpectGolden(Golden("cdnow_sample_A.count.repeat_purchase_days_calibration"), {purchases});
  ExpectGolden(Golden("cdnow_sample_A.count.unique_x_tx_T_rows"), {static_cast<double>(rows.size())});
}

TEST(Cdnow, BgNbdFit) {
  LifetimeFitter fitter({}, LifetimeFitter::View::kToday);
  RunFitter(&fitter, {CdnowCalibration()});
  const LifetimeModel& model = fitter.result();
  const LifetimeFit& fit = model.fit;
  ASSERT_TRUE(fit.fitted) << fit.reason;
  std::vector<double> estimates, errors;
  for (const ParameterEstimate& estimate : fit.estimates) {
    estimates.push_back(estimate.estimate.value());
    errors.push_back(estimate.standard_error.value());
  }
  ExpectGolden(Golden("cdnow_sample_A.bg_nbd.mle"), estimates);
  ExpectGolden(Golden("cdnow_sample_A.bg_nbd.se"), errors);
  ExpectGolden(Golden("cdnow_sample_A.bg_nbd.loglik"), {fit.log_likelihood});
  EXPECT_TRUE(fit.identified);
  EXPECT_EQ(fit.customers, 2357);
  EXPECT_EQ(fit.unique_rows, 1016u);
  EXPECT_LT(fit.gradient_norm, 1e-8 * 2357);
  EXPECT_TRUE(fit.warnings.empty() && model.warnings.empty());
}

TEST(Cdnow, TheTimeUnitOnlyScalesAlphaAndItsError) {
  LifetimeFitter weeks({}, LifetimeFitter::View::kToday);
  LifetimeFitter days({.time_unit_days = 1}, LifetimeFitter::View::kToday);
  RunFitter(&weeks, {CdnowCalibration()});
  RunFitter(&days, {CdnowCalibration()});
  const auto& by_day = days.result().fit;
  const auto& by_week = weeks.result().fit;
  EXPECT_NEAR(by_day.parameters.value[1], 7 * by_week.parameters.value[1], 1e-6 * by_day.parameters.value[1]);
  EXPECT_NEAR(by_day.estimates[1].standard_error.value(), 7 * by_week.estimates[1].standard_error.value(), 1e-4);
  EXPECT_NEAR(by_day.parameters.value[0], by_week.parameters.value[0], 1e-7);
  EXPECT_NEAR(by_day.parameters.value[3], by_week.parameters.value[3], 1e-6);
}

TEST(Cdnow, NbdFit) {
  const LifetimeFit fit = FitLifetime(LifetimeKind::kNbd, std::nullopt, HistoryTable::Of(Rows(), 7), {});
  ASSERT_TRUE(fit.fitted);
  ExpectGolden(Golden("cdnow_sample_A.nbd.mle"), {fit.parameters.value[0], fit.parameters.value[1]});
  ExpectGolden(Golden("cdnow_sample_A.nbd.se"),
               {fit.estimates[0].standard_error.value(), fit.estimates[1].standard_error.value()});
  ExpectGolden(Golden("cdnow_sample_A.nbd.loglik"), {fit.log_likelihood});
}

TEST(Cdnow, GammaGammaFit) {
  SpendFitter fitter;
  RunFitter(&fitter, {CdnowCalibration()});
  const SpendModel& model = fitter.result();
  ASSERT_TRUE(model.fitted) << model.reason;
  ExpectGolden(Golden("cdnow_sample_A.gamma_gamma.mle"), {model.p, model.q, model.v});
  ExpectGolden(Golden("cdnow_sample_A.gamma_gamma.se"), {model.standard_errors.begin(), model.standard_errors.end()});
  ExpectGolden(Golden("cdnow_sample_A.gamma_gamma.loglik"), {model.log_likelihood});
  EXPECT_EQ(model.customers, 946);
  EXPECT_EQ(model.left_out_not_positive, 0);
  EXPECT_DOUBLE_EQ(model.population_mean, model.p * model.v / (model.q - 1));
  EXPECT_LE(model.iterations, 15);
}

struct HoldOut {
  std::vector<double> size = std::vector<double>(8), actual = std::vector<double>(8), expected = std::vector<double>(8);
  double sum = 0, absolute = 0, squared = 0, customers = 0, alive = 0;
  double purchases = 0;
};

// Forecasts for the 39 weeks after calibration, by calibration frequency 0..6 and 7 or more.
HoldOut Forecast(const BgNbdParameters& model) {
  HoldOut result;
  for (const std::map<Day, int64_t>& days : LoadCdnowSample()) {
    const auto end = days.upper_bound(CdnowCalibrationEnd());
    const auto x = std::distance(days.begin(), end) - 1;
    const auto actual = static_cast<double>(std::distance(end, days.end()));
    const PurchaseHistory history{.x = x,
                                  .t_x = (std::prev(end)->first - days.begin()->first) / 7.0,
                                  .T = (CdnowCalibrationEnd() - days.begin()->first) / 7.0};
    const double expected = ExpectedPurchases(model, history, 39);
    const auto bin = static_cast<size_t>(std::min<int64_t>(x, 7));
    result.size[bin] += 1;
    result.actual[bin] += actual;
    result.expected[bin] += expected;
    result.sum += expected;
    result.absolute += std::fabs(expected - actual);
    result.squared += (expected - actual) * (expected - actual);
    result.alive += ProbabilityAlive(model, history);
    result.purchases += actual;
    result.customers += 1;
  }
  for (size_t bin = 0; bin < 8; ++bin) {
    result.actual[bin] /= result.size[bin];
    result.expected[bin] /= result.size[bin];
  }
  return result;
}

TEST(Cdnow, HoldOutForecastsOfBgNbd) {
  const GoldenEntry bins = Golden("cdnow_sample_A.bins.bg_nbd_expected_39w");
  const HoldOut found = Forecast(bins.BgNbd());
  ExpectGolden(Golden("cdnow_sample_A.bins.size"), found.size);
  ExpectGolden(Golden("cdnow_sample_A.bins.actual_holdout_mean"), found.actual);
  ExpectGolden(Golden("cdnow_sample_A.count.purchase_days_holdout"), {found.purchases});
  ExpectGolden(bins, found.expected);
  ExpectGolden(Golden("cdnow_sample_A.holdout.bg_nbd_sum_39w"), {found.sum});
  ExpectGolden(Golden("cdnow_sample_A.holdout.bg_nbd_mae_rmse"),
               {found.absolute / found.customers, std::sqrt(found.squared / found.customers)});
  ExpectGolden(Golden("cdnow_sample_A.bg_nbd.mean_p_alive"), {found.alive / found.customers});
}

TEST(Cdnow, HoldOutForecastsWithoutDropOut) {
  const GoldenEntry bins = Golden("cdnow_sample_A.bins.nbd_expected_39w");
  const HoldOut found = Forecast(bins.BgNbd());
  ExpectGolden(bins, found.expected);
  ExpectGolden(Golden("cdnow_sample_A.holdout.nbd_sum_39w"), {found.sum});
  ExpectGolden(Golden("cdnow_sample_A.holdout.nbd_mae_rmse"),
               {found.absolute / found.customers, std::sqrt(found.squared / found.customers)});
}

TEST(Cdnow, ExpectedRepeatPurchasesByWeek) {
  const GoldenEntry entry = Golden("cdnow_sample_A.tracking.bg_nbd_expected_cumulative");
  std::map<Day, int> births;
  for (const std::map<Day, int64_t>& days : LoadCdnowSample()) ++births[days.begin()->first];
  const Day start = ToDay({.year = 1997, .month = 1, .day = 1});
  std::vector<double> cumulative(78);
  for (const auto& [day, count] : births) {
    const double birth = (day - start) / 7.0;
    for (size_t week = 1; week <= 78; ++week) {
      const double age = static_cast<double>(week) - birth;
      if (age > 0) cumulative[week - 1] += count * ExpectedPurchasesOfNewCustomer(entry.BgNbd(), age);
    }
  }
  ExpectGolden(entry, cumulative);
}

}  // namespace
}  // namespace strata
