#include "model/lifetime/history_table.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace strata {

double HistoryTable::customers() const {
  double sum = 0;
  for (const HistoryRow& row : rows) sum += row.customers;
  return sum;
}

double HistoryTable::repeat_purchases() const {
  double sum = 0;
  for (const HistoryRow& row : rows) sum += row.customers * row.x;
  return sum;
}

double HistoryTable::time() const {
  double sum = 0;
  for (const HistoryRow& row : rows) sum += row.customers * times[row.T];
  return sum;
}

double HistoryTable::GapTerm(int k) const {
  return k == 1 ? 0 : (k - 1) * *log_gaps - repeat_purchases() * std::lgamma(k);
}

HistoryTable HistoryTable::Of(std::span<const PurchaseRow> rows, double time_unit_days) {
  HistoryTable table;
  table.rows.reserve(rows.size());
  int32_t days_max = 0;
  for (const PurchaseRow& row : rows) {
    days_max = std::max(days_max, row.T_days);
    table.rows.push_back({.x = row.x,
                          .t_x = static_cast<uint32_t>(row.t_x_days),
                          .T = static_cast<uint32_t>(row.T_days),
                          .customers = static_cast<double>(row.customers)});
  }
  for (int32_t day = 0; day <= days_max; ++day) table.times.push_back(day / time_unit_days);
  return table;
}

HistoryTable HistoryTable::Of(std::span<const PurchaseHistory> histories, std::span<const double> weights) {
  HistoryTable table;
  table.times.push_back(0);
  for (const PurchaseHistory& history : histories) {
    table.times.push_back(history.t_x);
    table.times.push_back(history.T);
  }
  std::sort(table.times.begin(), table.times.end());
  table.times.erase(std::unique(table.times.begin(), table.times.end()), table.times.end());
  const auto place = [&table](double t) {
    return static_cast<uint32_t>(std::lower_bound(table.times.begin(), table.times.end(), t) - table.times.begin());
  };
  for (size_t i = 0; i < histories.size(); ++i) {
    table.rows.push_back({.x = static_cast<int32_t>(histories[i].x),
                          .t_x = place(histories[i].t_x),
                          .T = place(histories[i].T),
                          .customers = weights.empty() ? 1 : weights[i]});
  }
  const auto key = [](const HistoryRow& row) { return std::tuple(row.x, row.t_x, row.T); };
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [&key](const HistoryRow& a, const HistoryRow& b) { return key(a) < key(b); });
  std::vector<HistoryRow> merged;
  for (const HistoryRow& row : table.rows) {
    if (!merged.empty() && key(merged.back()) == key(row)) {
      merged.back().customers += row.customers;
    } else {
      merged.push_back(row);
    }
  }
  table.rows = std::move(merged);
  return table;
}

HistoryTable EvenShare(const HistoryTable& table, size_t rows_max) {
  const size_t step = (table.rows.size() + rows_max - 1) / rows_max;
  if (step <= 1) return table;
  HistoryTable share;
  share.times = table.times;
  for (size_t i = step / 2; i < table.rows.size(); i += step) share.rows.push_back(table.rows[i]);
  return share;
}

}  // namespace strata
