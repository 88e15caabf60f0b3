// What the churn model sees of a customer at a cutoff: transformed features on a 2^-20 grid. They are a function of
// columns that end at the cutoff; future_purchase_days, the label, is never read here. Pure functions; thread-safe.
//
//   log1p_recency_days            log(1 + days since the last purchase day)
//   log1p_purchase_days           log(1 + number of purchase days)
//   log1p_tenure_days             log(1 + days since the first purchase day)
//   log1p_purchase_days_30, _90, _180, _365   log(1 + purchase days in the last so many days)
//   signed_log1p_net_90, _365     sign(x) log(1 + |x|), x = net of the last so many days, currency units
//   log1p_mean_gap_days           log(1 + mean days between consecutive purchase days); 0 for one-time buyers
//   log1p_gap_deviation_days      log(1 + standard deviation of these gaps); 0 for one-time buyers
//   log1p_overdue_ratio           log(1 + recency / mean gap); 0 for one-time buyers
//   one_time_buyer                1 with exactly one purchase day, else 0: tells a missing gap from a short one
//   return_share                  rows that are returns / all rows
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/customer_columns.h"
#include "model/kernels/kernels.h"

namespace strata {

inline constexpr size_t kChurnFeatures = 14;
using ChurnFeatureRow = std::array<int64_t, kChurnFeatures>;  // units of 2^-20

std::vector<std::string> ChurnFeatureNames();

// At risk: at least one purchase day in the last `eligible_days` before (and including) the date of the columns.
bool EligibleForChurn(const CustomerColumns& columns, size_t row, int eligible_days);

// Features of customers that are worked on together, by feature: whole numbers, units of 2^-20. Not thread-safe.
class ChurnFeatureBlock {
 public:
  size_t size() const { return size_; }
  bool full() const { return size_ == kKernelBlock; }
  size_t row(size_t i) const { return rows_[i]; }  // of the columns, as it was added
  void Clear() { size_ = 0; }
  // Preconditions: !full(), the customer of the row has a purchase day.
  void Add(size_t row) { rows_[size_++] = static_cast<uint32_t>(row); }
  // Makes features of the rows that were added; nothing may be added until Clear.
  void Transform(const CustomerColumns& columns, const Kernels& kernels);
  // By column, with room behind the last customer. Precondition: transformed.
  ColumnsOfBlock columns() const { return values_[0].data(); }
  ChurnFeatureRow features(size_t i) const;

 private:
  void TransformGaps(const CustomerColumns& columns);

  size_t size_ = 0;
  std::array<uint32_t, kKernelBlock> rows_{};
  alignas(64) std::array<std::array<double, kKernelBlock>, kChurnFeatures> values_{};
};

// Of one customer; the same bits. Precondition: columns.purchase_days[row] > 0.
ChurnFeatureRow ChurnFeaturesOf(const CustomerColumns& columns, size_t row);

}  // namespace strata
