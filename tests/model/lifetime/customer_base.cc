#include "tests/model/lifetime/customer_base.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "base/hash.h"

namespace strata {

void CustomerBase::Add(uint64_t hash, int32_t purchase_days, Day first_day, Day last_day, int64_t repeat_net_micros) {
  hash_.push_back(hash);
  purchase_days_.push_back(purchase_days);
  first_day_.push_back(first_day);
  last_day_.push_back(last_day);
  repeat_net_micros_.push_back(repeat_net_micros);
}

void CustomerBase::AddDays(uint64_t hash, const std::map<Day, int64_t>& net_micros) {
  int32_t days = 0;
  Day first = 0;
  Day last = 0;
  int64_t repeat_net = 0;
  for (const auto& [day, net] : net_micros) {
    if (day > as_of_) break;
    if (days == 0) first = day;
    if (days > 0) repeat_net += net;
    last = day;
    ++days;
  }
  Add(hash, days, first, last, repeat_net);
}

CustomerColumns CustomerBase::Columns() const {
  CustomerColumns columns;
  columns.as_of = as_of_;
  columns.hash = hash_;
  columns.purchase_days = purchase_days_;
  columns.first_day = first_day_;
  columns.last_day = last_day_;
  columns.repeat_net_micros = repeat_net_micros_;
  return columns;
}

std::vector<CustomerBase> CustomerBase::Shards(size_t count) const {
  std::vector<size_t> order(size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [this](size_t a, size_t b) { return Mix(hash_[a]) < Mix(hash_[b]); });
  std::vector<CustomerBase> shards(count, CustomerBase(as_of_));
  for (const size_t i : order) {
    shards[hash_[i] % count].Add(hash_[i], purchase_days_[i], first_day_[i], last_day_[i], repeat_net_micros_[i]);
  }
  return shards;
}

std::vector<std::map<Day, int64_t>> LoadCdnow(const char* path) {
  std::ifstream file(path);
  std::map<std::string, std::map<Day, int64_t>> by_customer;
  std::string line;
  std::getline(file, line);  // customer_id,date,quantity,amount
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string id, date, quantity, amount;
    std::getline(fields, id, ',');
    std::getline(fields, date, ',');
    std::getline(fields, quantity, ',');
    std::getline(fields, amount, ',');
    by_customer[id][*ParseDay(date)] += std::llround(std::stod(amount) * 1e6);
  }
  std::vector<std::map<Day, int64_t>> customers;
  for (auto& [id, days] : by_customer) customers.push_back(std::move(days));
  return customers;
}

std::vector<std::map<Day, int64_t>> LoadCdnowSample() { return LoadCdnow("tests/data/cdnow_sample.csv"); }

Day CdnowCalibrationEnd() { return ToDay({.year = 1997, .month = 9, .day = 30}); }

CustomerBase CdnowCalibration() {
  CustomerBase base(CdnowCalibrationEnd());
  uint64_t hash = 0;
  for (const std::map<Day, int64_t>& days : LoadCdnowSample()) base.AddDays(Mix(++hash), days);
  return base;
}

CustomerBase Simulate(const BgNbdParameters& truth, int customers, int weeks, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::gamma_distribution<double> rates(truth.r, 1 / truth.alpha);
  std::gamma_distribution<double> leaves(std::max(truth.a, 1e-3), 1);
  std::gamma_distribution<double> stays(truth.b, 1);
  std::gamma_distribution<double> thrift(4, 1.0 / 15);
  std::uniform_real_distribution<double> unit;
  std::exponential_distribution<double> gap;
  CustomerBase base(7 * weeks);
  for (int i = 0; i < customers; ++i) {
    const double rate = rates(random);
    const double leaving = leaves(random);
    const double drop_out = truth.a > 0 ? leaving / (leaving + stays(random)) : 0;
    std::gamma_distribution<double> spend(6, 1 / thrift(random));
    std::map<Day, int64_t> days;
    double week = 12 * unit(random);
    days[static_cast<Day>(7 * week)] = 0;
    for (week += gap(random) / rate; week <= weeks; week += gap(random) / rate) {
      days[static_cast<Day>(7 * week)] += std::llround(1e6 * spend(random));
      if (unit(random) < drop_out) break;
    }
    base.AddDays(Mix(static_cast<uint64_t>(i)), days);
  }
  return base;
}

}  // namespace strata
