// What clustering sees of a customer: five transformed features, standardised. The one path from columns to scaled
// features, used by the fit and by every prediction, so labels agree. Pure functions; thread-safe.
//
//   log1p_recency_days               log(1 + days since the last purchase day)
//   log1p_purchase_days              log(1 + number of purchase days)
//   signed_log1p_net_per_purchase_day  sign(x) log(1 + |x|), x = net of all days / purchase days, currency units
//   log1p_tenure_days                log(1 + days since the first purchase day)
//   return_share                     rows that are returns / all rows
//
// A transformed feature y lies on a 2^-20 grid; the scaled feature z = (y - mean) / deviation on a 2^-12 grid. Sums of
// scaled features over the base they were standardised on fit 64 bits: sum of z^2 = customers, per feature.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"

namespace strata {

inline constexpr size_t kClusterFeatures = kPointFeatures;
inline constexpr int kScaledGridBits = 12;  // 1/4096 of a deviation: finer than any cluster boundary means

using TransformedPoint = std::array<int64_t, kClusterFeatures>;  // units of 2^-20
using GridPoint = std::array<int64_t, kClusterFeatures>;         // scaled, units of 2^-12

std::vector<std::string> ClusterFeatureNames();

// Customers that are worked on together, by feature: whole numbers, units of 2^-20. Room of zeros behind the last one.
struct TransformedBlock {
  size_t size = 0;
  std::array<uint32_t, kKernelBlock> rows;  // of the columns
  alignas(64) std::array<std::array<double, kKernelBlock>, kClusterFeatures> values;

  // Takes the customers with a purchase day from row `begin` on until the block is full. Returns where to go on.
  size_t Fill(const CustomerColumns& columns, size_t begin, const Kernels& kernels);
  TransformedPoint point(size_t i) const;
};

// Of one customer; the same bits. Precondition: columns.purchase_days[row] > 0.
TransformedPoint TransformCustomer(const CustomerColumns& columns, size_t row);

struct ClusterScaling {
  std::array<double, kClusterFeatures> mean{};
  std::array<double, kClusterFeatures> deviation{};  // > 0

  GridPoint Scale(const TransformedPoint& point) const;
  // The same for a block, by feature; whole numbers. Behind the last customer they are finite and mean nothing.
  void Scale(const TransformedBlock& block, const Kernels& kernels,
             std::array<std::array<double, kKernelBlock>, kClusterFeatures>* scaled) const;
};

// Precondition: model.k > 0.
ClusterScaling ScalingOf(const ClusteringModel& model);

}  // namespace strata
