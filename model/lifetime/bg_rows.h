// The rows of a table under NBD, BG/NBD and MBG/NBD (bg_family.h, k = 1), made quick. The likelihood of a row is
//   ln L = [terms of x alone] - r' ln(1 + T / alpha) + ln(1 + odds),
//   odds = a / (b' - 1) exp(r' stretch), stretch = ln(1 + T / alpha) - ln(1 + t_x / alpha).
// r' = r + x, so the second term of all customers together needs the customers and their purchases by T only: a few
// hundred numbers. That is all that NBD asks for. The odds are taken row by row, an exponential and a logarithm each,
// by the kernels that the models use elsewhere (model/kernels), whose bits are the same at any width.
//
// Immutable, thread-safe.
#pragma once

#include <span>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/lifetime/bg_family.h"
#include "model/lifetime/history_table.h"
#include "model/lifetime/log_jet.h"

namespace strata {

// Customers who are alive at T with x hits since the beginning, by T: what of the likelihood is linear in both.
class AliveByTime {
 public:
  explicit AliveByTime(const HistoryTable& table);

  // The sum of -(r + x) ln(1 + T / alpha), in (ln r, ln alpha).
  LogJet At(const HistoryTable& table, double r, double alpha) const;

 private:
  std::vector<double> customers_, purchases_;  // by place of T
};

class BgOddsRows {
 public:
  // Preconditions: k = 1, a > 0. `kernels` outlive it.
  BgOddsRows(const BgFamily& family, std::span<const double> times, const Kernels& kernels);

  // The sum of ln(1 + odds), in the logarithms of (r, alpha, a, b). Rows in the order of x.
  LogJet SumOf(std::span<const HistoryRow> rows) const;

 private:
  struct Time {
    double growth, passed;  // ln(1 + t / alpha), t / (alpha + t)
  };

  void AddEqualCounts(std::span<const HistoryRow> rows, LogJet* sum) const;

  BgFamily family_;
  const Kernels* kernels_;
  std::vector<Time> times_;
};

}  // namespace strata
