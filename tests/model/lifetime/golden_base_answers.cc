#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "model/lifetime/forecast.h"
#include "tests/model/lifetime/golden_answers.h"
#include "tests/model/lifetime/golden_base.h"

namespace strata {
namespace {

using Answer = std::optional<std::vector<double>>;

constexpr size_t kBins = 8;
size_t BinOf(const GoldenCustomer& customer) {
  return static_cast<size_t>(std::min<int64_t>(customer.history.x, kBins - 1));
}

double SumOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

Answer CountAnswer(const GoldenEntry& entry, const GoldenBase& base) {
  double customers = 0, repeaters = 0, repeats = 0, holdout = 0;
  std::set<std::tuple<int64_t, double, double>> rows;
  std::vector<double> size(kBins), actual(kBins);
  for (const GoldenCustomer& customer : base.customers) {
    const PurchaseHistory& history = customer.history;
    customers += customer.weight;
    repeaters += history.x > 0 ? customer.weight : 0;
    repeats += customer.weight * static_cast<double>(history.x);
    holdout += customer.holdout;
    rows.insert({history.x, history.t_x, history.T});
    size[BinOf(customer)] += 1;
    actual[BinOf(customer)] += customer.holdout;
  }
  for (size_t bin = 0; bin < kBins; ++bin) actual[bin] /= size[bin];
  if (AsksFor(entry, "size")) return size;
  if (AsksFor(entry, "actual_holdout_mean")) return actual;
  if (AsksFor(entry, "customers") || AsksFor(entry, "donors")) return std::vector{customers};
  if (AsksFor(entry, "repeaters")) return std::vector{repeaters};
  if (AsksFor(entry, "repeat_purchase_days")) return std::vector{repeats};
  if (AsksFor(entry, "purchase_days_holdout")) return std::vector{holdout};
  if (AsksFor(entry, "unique_x_tx_T_rows") || AsksFor(entry, "rows")) {
    return std::vector{static_cast<double>(rows.size())};
  }
  if (AsksFor(entry, "transaction_lines")) return std::vector{base.lines};
  return std::nullopt;
}

constexpr size_t kWeeks = 78;

Answer TrackingAnswer(const GoldenEntry& entry, const GoldenBase& base) {
  const Day start = ToDay({.year = 1997, .month = 1, .day = 1});
  std::vector<double> by_week(kWeeks);
  if (AsksFor(entry, "actual_incremental")) {
    for (const GoldenCustomer& customer : base.customers) {
      for (const Day day : customer.repeats) by_week[static_cast<size_t>((day - start) / 7)] += 1;
    }
    return by_week;
  }
  std::map<Day, double> births;
  for (const GoldenCustomer& customer : base.customers) births[customer.first_day] += customer.weight;
  const LifetimeParameters at = ParametersOf(entry);
  for (const auto& [day, customers] : births) {
    for (size_t week = 1; week <= kWeeks; ++week) {
      const double age = static_cast<double>(week) - (day - start) / 7.0;
      if (age > 0) by_week[week - 1] += customers * ExpectedPurchasesOfNewCustomer(at, age);
    }
  }
  // The file gives six decimals, which is coarser than its tolerance for the first weeks.
  for (double& value : by_week) value = std::round(value * 1e6) / 1e6;
  return by_week;
}

Answer ForecastAnswer(const GoldenEntry& entry, const GoldenBase& base) {
  const LifetimeParameters at = ParametersOf(entry);
  const bool asks_alive = AsksFor(entry, "mean_p_alive");
  const double t = asks_alive ? 0 : entry.Input(entry.model == "BG/BB" ? "n_star" : "t");
  std::vector<double> size(kBins), expected(kBins);
  double alive = 0, absolute = 0, squared = 0;
  for (const GoldenCustomer& customer : base.customers) {
    const double forecast = asks_alive ? 0 : ExpectedPurchases(at, customer.history, t);
    const double error = forecast - customer.holdout;
    size[BinOf(customer)] += customer.weight;
    expected[BinOf(customer)] += customer.weight * forecast;
    absolute += std::fabs(error);
    squared += error * error;
    if (asks_alive) alive += ProbabilityAlive(at, customer.history);
  }
  const double customers = SumOf(size);
  if (asks_alive) return std::vector{alive / customers};
  const std::string& name = entry.name;
  if (name.find("mae_rmse") != std::string::npos) {
    return std::vector{absolute / customers, std::sqrt(squared / customers)};
  }
  if (name.find("sum_expected") != std::string::npos || name.find("_sum_39w") != std::string::npos) {
    return std::vector{SumOf(expected)};
  }
  expected.resize(entry.value.size());
  for (size_t bin = 0; bin < expected.size(); ++bin) expected[bin] /= size[bin];
  return expected;
}

}  // namespace

Answer BaseAnswer(const GoldenEntry& entry) {
  // Entries of means by frequency name the donors by their file alone.
  const bool of_donors = entry.name.rfind("donations.", 0) == 0;
  if (!entry.inputs.contains("dataset") && !AsksFor(entry, "expected_by_frequency")) return std::nullopt;
  const GoldenBase& base = GoldenBaseNamed(of_donors ? "donations" : entry.inputs.at("dataset").get<std::string>());
  if (entry.name.find(".tracking.") != std::string::npos) return TrackingAnswer(entry, base);
  if (entry.model == "data") return CountAnswer(entry, base);
  if (entry.inputs.contains("params")) return ForecastAnswer(entry, base);
  return std::nullopt;
}

}  // namespace strata
