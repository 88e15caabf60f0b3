#include "model/clustering/cluster_features.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/log_transform.h"

namespace strata {
namespace {

constexpr double kToTransformed = static_cast<double>(1 << kFeatureGridBits);
constexpr double kFromTransformed = 1 / kToTransformed;
constexpr double kToScaled = static_cast<double>(1 << kScaledGridBits);

}  // namespace

std::vector<std::string> ClusterFeatureNames() {
  return {"log1p_recency_days", "log1p_purchase_days", "signed_log1p_net_per_purchase_day", "log1p_tenure_days",
          "return_share"};
}

TransformedPoint TransformCustomer(const CustomerColumns& columns, size_t row) {
  const double purchase_days = columns.purchase_days[row];
  const double net = static_cast<double>(columns.net_micros[row]) / 1e6;
  const std::array<double, kClusterFeatures> features = {
      Log1pCount(int64_t{columns.as_of} - columns.last_day[row]),
      Log1pCount(columns.purchase_days[row]),
      SignedLog1p(net / purchase_days),
      Log1pCount(int64_t{columns.as_of} - columns.first_day[row]),
      static_cast<double>(columns.return_rows[row]) / static_cast<double>(std::max(columns.rows[row], 1)),
  };
  TransformedPoint point;
  for (size_t j = 0; j < kClusterFeatures; ++j) point[j] = std::llrint(features[j] * kToTransformed);
  return point;
}

GridPoint ClusterScaling::Scale(const TransformedPoint& point) const {
  GridPoint scaled;
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    const double y = static_cast<double>(point[j]) * kFromTransformed;
    scaled[j] = std::llrint((y - mean[j]) / deviation[j] * kToScaled);
  }
  return scaled;
}

ClusterScaling ScalingOf(const ClusteringModel& model) {
  ClusterScaling scaling;
  std::copy_n(model.mean.begin(), kClusterFeatures, scaling.mean.begin());
  std::copy_n(model.deviation.begin(), kClusterFeatures, scaling.deviation.begin());
  return scaling;
}

}  // namespace strata
