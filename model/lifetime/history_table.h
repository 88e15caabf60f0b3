// Customers' histories, equal ones counted once: all that a likelihood needs to see, whatever the model. A time is a
// place in an ascending list, so a table may hold whole days (a night's base) or any times (simulations, published
// data). A plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/purchase_table.h"

namespace strata {

struct HistoryRow {
  int32_t x = 0;
  uint32_t t_x = 0, T = 0;  // places in `times`
  double customers = 0;     // a whole number, also where a replicate weights its customers
};

struct HistoryTable {
  std::vector<double> times;     // ascending, times[0] = 0; time units, or opportunities for BG/BB
  std::vector<HistoryRow> rows;  // in the order (x, t_x, T), each once
  // Sum over customers of the logarithms of the gaps between their purchases, the first purchase included: the part of
  // the likelihood of regular timing that no parameter enters. Only differences between values of k need it. Absent:
  // not known.
  std::optional<double> log_gaps;

  double customers() const;
  double repeat_purchases() const;  // sum of x
  double time() const;              // sum of T
  // (k - 1) log_gaps - x ln Gamma(k), summed: what the log-likelihood of the CNBD models leaves out. 0 for k = 1.
  // Precondition: k = 1, or log_gaps is known.
  double GapTerm(int k) const;

  // Rows of PurchaseTable::Rows(), times by whole days.
  static HistoryTable Of(std::span<const PurchaseRow> rows, double time_unit_days);
  // Any histories; `weights` of the same length, or empty for one customer each.
  static HistoryTable Of(std::span<const PurchaseHistory> histories, std::span<const double> weights);
};

// Every so many-th row in the table's order: a small base of the same shape. The table itself where it has no more than
// `rows_max` rows.
HistoryTable EvenShare(const HistoryTable& table, size_t rows_max);

}  // namespace strata
