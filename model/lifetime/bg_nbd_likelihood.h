// The BG/NBD log-likelihood of a whole compressed table, for fitting. What depends on x or on a number of days alone is
// tabulated once per evaluation, so a row costs one exponential and one logarithm. Rows are added in blocks,
// blocks side by side on the TBB threads and then in their order: the same bits every time. Immutable after construction, so thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/purchase_table.h"

namespace strata {

class BgNbdLikelihood {
 public:
  // `rows` in the order of PurchaseTable::Rows(); time_unit_days > 0 is the unit of alpha.
  BgNbdLikelihood(std::vector<PurchaseRow> rows, double time_unit_days);

  // Sum over customers; derivatives in (ln r, ln alpha, ln a, ln b). a may be 0, the NBD model; the derivatives with
  // respect to ln a and ln b are then 0.
  Derivatives<4> Evaluate(const BgNbdParameters& model) const;

  int64_t customers() const { return customers_; }
  int64_t unique_rows() const { return static_cast<int64_t>(rows_.size()); }
  double repeat_purchases() const { return repeat_purchases_; }  // sum of x
  double time() const { return time_; }                          // sum of T, time units

 private:
  std::vector<PurchaseRow> rows_;
  double time_unit_days_;
  int64_t customers_ = 0;
  double repeat_purchases_ = 0;
  double time_ = 0;
  int32_t days_max_ = 0;
  std::vector<int64_t> buyers_beyond_;  // [j]: customers with x > j
};

}  // namespace strata
