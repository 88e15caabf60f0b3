#include "tests/model/lifetime/golden_base.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

double Rounded(double value) { return std::round(value * 100) / 100; }

// The mean of x amounts in cents, halves up: as exact decimals, many of them are ties.
double MeanInCents(int64_t net_micros, int64_t x) {
  constexpr int64_t kMicrosPerCent = 10'000;
  return static_cast<double>((2 * net_micros + x * kMicrosPerCent) / (2 * x * kMicrosPerCent)) / 100;
}

GoldenBase OfCdnow(const char* path, bool rounded) {
  GoldenBase base;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) ++base.lines;
  --base.lines;  // the header
  for (const std::map<Day, int64_t>& days : LoadCdnow(path)) {
    const auto end = days.upper_bound(CdnowCalibrationEnd());
    GoldenCustomer customer;
    customer.first_day = days.begin()->first;
    int64_t net_micros = 0;
    for (auto day = std::next(days.begin()); day != end; ++day) net_micros += day->second;
    for (auto day = std::next(days.begin()); day != days.end(); ++day) customer.repeats.push_back(day->first);
    const auto x = std::distance(days.begin(), end) - 1;
    customer.history = {.x = x,
                        .t_x = (std::prev(end)->first - customer.first_day) / 7.0,
                        .T = (CdnowCalibrationEnd() - customer.first_day) / 7.0};
    customer.spend = x > 0 ? static_cast<double>(net_micros) / 1e6 / static_cast<double>(x) : 0;
    customer.holdout = static_cast<double>(std::distance(end, days.end()));
    if (rounded) {
      customer.history.t_x = Rounded(customer.history.t_x);
      customer.history.T = Rounded(customer.history.T);
      if (x > 0) customer.spend = MeanInCents(net_micros, x);
    }
    base.customers.push_back(customer);
  }
  return base;
}

GoldenBase OfDonations() {
  GoldenBase base;
  std::ifstream file("tests/data/donations.csv");
  std::string line;
  std::getline(file, line);  // frequency,recency,periods,weights
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    GoldenCustomer customer;
    char comma = ',';
    fields >> customer.history.x >> comma >> customer.history.t_x >> comma >> customer.history.T >> comma >>
        customer.weight;
    base.customers.push_back(customer);
    ++base.lines;
  }
  return base;
}

}  // namespace

HistoryTable GoldenBase::Table() const {
  std::vector<PurchaseHistory> histories;
  std::vector<double> weights;
  for (const GoldenCustomer& customer : customers) {
    histories.push_back(customer.history);
    weights.push_back(customer.weight);
  }
  return HistoryTable::Of(histories, weights);
}

const GoldenBase& GoldenBaseNamed(const std::string& dataset) {
  static const std::map<std::string, GoldenBase> bases = {
      {"cdnow_sample_A", OfCdnow("tests/data/cdnow_sample.csv", false)},
      {"cdnow_sample_B", OfCdnow("tests/data/cdnow_sample.csv", true)},
      {"cdnow_master", OfCdnow(kCdnowMaster, false)},
      {"donations", OfDonations()}};
  return bases.at(dataset);
}

}  // namespace strata
