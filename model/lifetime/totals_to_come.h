// Where the spend in all of a customer's purchases to come will lie, tabled: the quantiles of AmountIntervalOf
// (predictive.h) for many customers. In units of v + x m, the spend so far with the prior's, the distribution of n
// purchases' sum depends on x and n alone (spend_distribution.h), so for each x it stands on a grid of totals, made
// when x and n are first asked for; a customer's distribution is their mixture, and its quantiles come from it by
// inverse interpolation, as the logit of the share that is left is smooth in the logarithm of the total. Relative error
// 3e-4, and 3e-3 where p is above 100 (up to 64 purchases; beyond, counts between neighbours 5 % apart are shared out
// to them; where p is 2,000 or more, all purchases of a customer count as equal). Which customers are tabled follows
// from x alone.
//
// Thread-safe; the same numbers whoever asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/predictive.h"

namespace strata {

class TotalsToCome {
 public:
  // Customers with more repeat purchases are asked for one by one (Direct).
  static constexpr int64_t kTabledX = 1023;
  // What CountTails must go down to.
  static constexpr double kLeastTail = 1e-5;

  explicit TotalsToCome(const GammaGammaParameters& spend);
  ~TotalsToCome();
  TotalsToCome(const TotalsToCome&) = delete;
  TotalsToCome& operator=(const TotalsToCome&) = delete;

  // P(total > t_i) of who is alive, on the grid of x, given P(count > n) for n = 0, 1, ... `above` is replaced.
  // Precondition: 0 <= x <= kTabledX.
  void AboveOf(int64_t x, std::span<const double> tails, std::vector<double>* above) const;
  // The total that is exceeded with probability `wanted` > 0 by who is alive, in units of v + x m: 0 where no more than
  // that buy at all. `above` of AboveOf, `some` is P(count > 0).
  double TotalExceeded(int64_t x, std::span<const double> above, double some, double wanted) const;
  // The interval of somebody who is alive with probability `alive`, without tables, in the same units.
  AmountInterval Direct(int64_t x, std::span<const double> tails, double alive, double level) const;

 private:
  struct Grid;

  bool AreEqual(int64_t x) const;  // who has x purchases spends as much at every further one
  const Grid& GridOf(int64_t x) const;
  std::span<const double> ColumnOf(const Grid& grid, int64_t x, size_t column) const;

  GammaGammaParameters spend_;
  std::vector<int64_t> counts_;  // of the columns, ascending
  mutable std::vector<std::unique_ptr<Grid>> grids_;
  std::unique_ptr<std::once_flag[]> made_;
};

}  // namespace strata
