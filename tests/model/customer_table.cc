#include "tests/model/customer_table.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/hash.h"

namespace strata {
namespace {

struct DayTotal {
  int64_t micros = 0;
  bool purchase = false;
};

}  // namespace

void MustBeOk(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "{}\n", status.ToString());
  std::abort();
}

uint64_t HashOfCustomer(uint64_t customer) { return Hash64(std::to_string(customer)); }

CustomerTable::CustomerTable(const std::vector<TestRow>& all_rows, Day date, int horizon_days) : as_of(date) {
  std::map<uint64_t, std::vector<TestRow>> by_hash;
  for (const TestRow& row : all_rows) by_hash[HashOfCustomer(row.customer)].push_back(row);
  for (const auto& [customer_hash, customer_rows] : by_hash) AddCustomer(customer_hash, customer_rows, horizon_days);
}

void CustomerTable::AddCustomer(uint64_t customer_hash, const std::vector<TestRow>& customer_rows, int horizon_days) {
  std::map<Day, DayTotal> past;
  std::map<Day, bool> future;
  int32_t row_count = 0;
  int32_t return_count = 0;
  int64_t future_net = 0;
  for (const TestRow& row : customer_rows) {
    if (row.day > as_of) {
      if (row.day <= as_of + horizon_days && !row.is_return) future[row.day] = true;
      if (row.day <= as_of + horizon_days) future_net += row.micros;
      continue;
    }
    ++row_count;
    return_count += row.is_return ? 1 : 0;
    past[row.day].micros += row.micros;
    past[row.day].purchase = past[row.day].purchase || !row.is_return;
  }
  if (row_count == 0) return;
  std::vector<Day> days;
  int64_t net = 0, repeat_net = 0, net_90 = 0, net_365 = 0;
  for (const auto& [day, total] : past) {
    net += total.micros;
    if (day > as_of - 90) net_90 += total.micros;
    if (day > as_of - 365) net_365 += total.micros;
    if (!total.purchase) continue;
    if (!days.empty()) repeat_net += total.micros;
    days.push_back(day);
  }
  const auto in_last = [&](int window) {
    return static_cast<int32_t>(std::count_if(days.begin(), days.end(), [&](Day day) { return day > as_of - window; }));
  };
  int64_t squared_gaps = 0;
  for (size_t i = 1; i < days.size(); ++i) squared_gaps += int64_t{days[i] - days[i - 1]} * (days[i] - days[i - 1]);
  hash.push_back(customer_hash);
  purchase_days.push_back(static_cast<int32_t>(days.size()));
  rows.push_back(row_count);
  return_rows.push_back(return_count);
  first_day.push_back(days.empty() ? 0 : days.front());
  last_day.push_back(days.empty() ? 0 : days.back());
  net_micros.push_back(net);
  repeat_net_micros.push_back(repeat_net);
  purchase_days_30.push_back(in_last(30));
  purchase_days_90.push_back(in_last(90));
  purchase_days_180.push_back(in_last(180));
  purchase_days_365.push_back(in_last(365));
  net_micros_90.push_back(net_90);
  net_micros_365.push_back(net_365);
  squared_gap_days.push_back(squared_gaps);
  future_purchase_days.push_back(horizon_days > 0 ? static_cast<int32_t>(future.size()) : -1);
  future_net_micros.push_back(future_net);
  purchase_days_before.push_back(in_last(horizon_days));
}

CustomerColumns CustomerTable::columns() const {
  return {as_of,
          hash,
          purchase_days,
          first_day,
          last_day,
          net_micros,
          repeat_net_micros,
          rows,
          return_rows,
          purchase_days_30,
          purchase_days_90,
          purchase_days_180,
          purchase_days_365,
          net_micros_90,
          net_micros_365,
          squared_gap_days,
          future_purchase_days,
          future_net_micros,
          purchase_days_before};
}

TestBase::TestBase(const std::vector<TestRow>& rows, Day as_of, int horizon_days, uint32_t shards) {
  std::vector<std::vector<TestRow>> by_shard(shards);
  for (const TestRow& row : rows) by_shard[ShardOf(HashOfCustomer(row.customer), shards)].push_back(row);
  const auto table = [this](const std::vector<TestRow>& of_shard, Day date, int horizon) {
    tables_.push_back(std::make_unique<CustomerTable>(of_shard, date, horizon));
    return tables_.back()->columns();
  };
  for (const std::vector<TestRow>& of_shard : by_shard) {
    ShardFeatures& view = views_.emplace_back();
    view.number = static_cast<uint32_t>(views_.size() - 1);
    view.shards = shards;
    view.today = table(of_shard, as_of, 0);
    profiles_.push_back(std::make_unique<CustomerProfile>(view.today));
    view.profile = &profiles_.back()->columns();
    if (horizon_days == 0) continue;
    view.churn_test = table(of_shard, as_of - horizon_days, horizon_days);
    view.holdout = view.churn_test;
    view.churn_train = table(of_shard, as_of - 2 * horizon_days, horizon_days);
    churn_views_.push_back(std::make_unique<std::vector<CustomerColumns>>());
    *churn_views_.back() = {view.churn_test, view.churn_train};
    while (churn_views_.back()->size() < kTestChurnViews) {
      const auto v = static_cast<int>(churn_views_.back()->size());
      churn_views_.back()->push_back(table(of_shard, as_of - (v + 1) * horizon_days, horizon_days));
    }
    view.churn_views = *churn_views_.back();
  }
}

std::vector<TestRow> RandomRows(uint64_t seed, int customers, Day first, Day last) {
  std::mt19937_64 random(seed);
  std::vector<TestRow> rows;
  for (int customer = 0; customer < customers; ++customer) {
    const int kind = static_cast<int>(random() % 16);
    const int count = kind == 0 ? 1 : 1 + static_cast<int>(random() % (kind < 8 ? 2 : 12));
    Day day = first + static_cast<Day>(random() % static_cast<uint64_t>(last - first));
    for (int i = 0; i < count && day <= last; ++i) {
      const bool is_return = kind == 0 || random() % 12 == 0;
      const int64_t micros = static_cast<int64_t>(random() % 90'000'000);
      rows.push_back({static_cast<uint64_t>(customer), day, is_return ? -micros : micros, is_return});
      day += static_cast<Day>(random() % 40);
    }
  }
  return rows;
}

}  // namespace strata
