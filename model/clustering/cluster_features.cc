#include "model/clustering/cluster_features.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace strata {
namespace {

constexpr double kToTransformed = static_cast<double>(1 << kFeatureGridBits);
constexpr size_t kReturnShare = 4;  // the one feature that is no logarithm

}  // namespace

std::vector<std::string> ClusterFeatureNames() {
  return {"log1p_recency_days", "log1p_purchase_days", "signed_log1p_net_per_purchase_day", "log1p_tenure_days",
          "return_share"};
}

size_t TransformedBlock::Fill(const CustomerColumns& columns, size_t begin, const Kernels& kernels) {
  size = 0;
  size_t row = begin;
  for (; row < columns.size() && size < kKernelBlock; ++row) {
    if (columns.purchase_days[row] <= 0) continue;
    const double purchase_days = columns.purchase_days[row];
    values[0][size] = static_cast<double>(int64_t{columns.as_of} - columns.last_day[row]);
    values[1][size] = purchase_days;
    values[2][size] = static_cast<double>(columns.net_micros[row]) / 1e6 / purchase_days;
    values[3][size] = static_cast<double>(int64_t{columns.as_of} - columns.first_day[row]);
    const double share =
        static_cast<double>(columns.return_rows[row]) / static_cast<double>(std::max(columns.rows[row], 1));
    values[kReturnShare][size] = std::rint(share * kToTransformed);
    rows[size++] = static_cast<uint32_t>(row);
  }
  for (auto& column : values) {
    std::fill(column.begin() + static_cast<std::ptrdiff_t>(size),
              column.begin() + static_cast<std::ptrdiff_t>(std::min(size + kLanesMax, kKernelBlock)), 0.0);
  }
  for (size_t j = 0; j < kReturnShare; ++j) kernels.signed_log1p_on_grid(values[j].data(), size, values[j].data());
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
  std::copy_n(model.mean.begin(), kClusterFeatures, scaling.mean.begin());
  std::copy_n(model.deviation.begin(), kClusterFeatures, scaling.deviation.begin());
  return scaling;
}

}  // namespace strata
