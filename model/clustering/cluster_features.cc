#include "model/clustering/cluster_features.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace strata {
namespace {

constexpr double kToTransformed = static_cast<double>(1 << kFeatureGridBits);
enum Feature : size_t { kRecency, kPurchaseDays, kNet, kTenure, kReturnShare };

}  // namespace

std::vector<std::string> ClusterFeatureNames() {
  return {"log1p_recency_days", "log1p_purchase_days", "signed_log1p_net_per_purchase_day", "log1p_tenure_days",
          "return_share"};
}

size_t TransformedBlock::Fill(const CustomerColumns& columns, size_t begin, const Kernels& kernels) {
  size = 0;
  size_t row = begin;
  for (; row < columns.size() && size < kKernelBlock; ++row) {
    rows[size] = static_cast<uint32_t>(row);
    size += columns.purchase_days[row] > 0 ? 1 : 0;
  }
  for (auto& column : values) {
    std::fill(column.begin() + static_cast<std::ptrdiff_t>(size),
              column.begin() + static_cast<std::ptrdiff_t>(std::min(size + kLanesMax, kKernelBlock)), 0.0);
  }
  const auto take_counts = [&](size_t feature, const auto& count_of) {
    std::array<int32_t, kKernelBlock> counts;
    for (size_t i = 0; i < size; ++i) counts[i] = count_of(rows[i]);
    kernels.signed_log1p_of_counts_on_grid(counts.data(), size, values[feature].data());
  };
  take_counts(kRecency, [&](size_t of) { return columns.as_of - columns.last_day[of]; });
  take_counts(kPurchaseDays, [&](size_t of) { return columns.purchase_days[of]; });
  take_counts(kTenure, [&](size_t of) { return columns.as_of - columns.first_day[of]; });
  // A whole block at a time, so that divisions are done several at once.
  alignas(64) std::array<double, kKernelBlock> net{}, purchase_days, returned{}, all;
  purchase_days.fill(1);
  all.fill(1);
  for (size_t i = 0; i < size; ++i) {
    const size_t of = rows[i];
    net[i] = static_cast<double>(columns.net_micros[of]);
    purchase_days[i] = columns.purchase_days[of];
    returned[i] = columns.return_rows[of];
    all[i] = std::max(columns.rows[of], 1);
  }
  for (size_t i = 0; i < kKernelBlock; ++i) {
    values[kNet][i] = net[i] / 1e6 / purchase_days[i];
    values[kReturnShare][i] = std::rint(returned[i] / all[i] * kToTransformed);
  }
  kernels.signed_log1p_on_grid(values[kNet].data(), size, values[kNet].data());
  return row;
}

TransformedPoint TransformedBlock::point(size_t i) const {
  TransformedPoint point;
  for (size_t j = 0; j < kClusterFeatures; ++j) point[j] = static_cast<int64_t>(values[j][i]);
  return point;
}

TransformedPoint TransformCustomer(const CustomerColumns& columns, size_t row) {
  const auto block = std::make_unique<TransformedBlock>();
  CustomerColumns until = columns;
  until.hash = columns.hash.first(row + 1);
  block->Fill(until, row, PlainKernels());
  return block->point(0);
}

GridPoint ClusterScaling::Scale(const TransformedPoint& point) const {
  GridPoint scaled;
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    std::array<double, kLanesMax> lanes{static_cast<double>(point[j])};
    PlainKernels().standardise_on_grid(lanes.data(), 1, mean[j], deviation[j], kScaledGridBits, lanes.data());
    scaled[j] = static_cast<int64_t>(lanes[0]);
  }
  return scaled;
}

void ClusterScaling::Scale(const TransformedBlock& block, const Kernels& kernels,
                           std::array<std::array<double, kKernelBlock>, kClusterFeatures>* scaled) const {
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    kernels.standardise_on_grid(block.values[j].data(), block.size, mean[j], deviation[j], kScaledGridBits,
                                (*scaled)[j].data());
  }
}

ClusterScaling ScalingOf(const ClusteringModel& model) {
  ClusterScaling scaling;
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    scaling.mean[j] = model.space.numeric[j].mean;
    scaling.deviation[j] = model.space.numeric[j].deviation;
  }
  return scaling;
}

}  // namespace strata
