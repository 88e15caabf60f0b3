#include "model/churn/churn_features.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace strata {
namespace {

constexpr double kToGrid = 1 << kFeatureGridBits;
constexpr size_t kLogarithms = 12;  // the first features; the others are shares

}  // namespace

std::vector<std::string> ChurnFeatureNames() {
  return {"log1p_recency_days",       "log1p_purchase_days",
          "log1p_tenure_days",        "log1p_purchase_days_30",
          "log1p_purchase_days_90",   "log1p_purchase_days_180",
          "log1p_purchase_days_365",  "signed_log1p_net_90",
          "signed_log1p_net_365",     "log1p_mean_gap_days",
          "log1p_gap_deviation_days", "log1p_overdue_ratio",
          "one_time_buyer",           "return_share"};
}

bool EligibleForChurn(const CustomerColumns& columns, size_t row, int eligible_days) {
  return columns.purchase_days[row] > 0 && int64_t{columns.as_of} - columns.last_day[row] < eligible_days;
}

void ChurnFeatureBlock::Add(const CustomerColumns& columns, size_t row) {
  const int64_t recency_days = int64_t{columns.as_of} - columns.last_day[row];
  const int64_t gaps = int64_t{columns.purchase_days[row]} - 1;
  double mean_gap = 0;
  double gap_deviation = 0;
  double overdue = 0;
  if (gaps > 0) {
    const double n = static_cast<double>(gaps);
    mean_gap = static_cast<double>(int64_t{columns.last_day[row]} - columns.first_day[row]) / n;
    const double variance = static_cast<double>(columns.squared_gap_days[row]) / n - mean_gap * mean_gap;
    gap_deviation = variance > 0 ? std::sqrt(variance) : 0;
    overdue = static_cast<double>(recency_days) / mean_gap;
  }
  const double share =
      static_cast<double>(columns.return_rows[row]) / static_cast<double>(std::max(columns.rows[row], 1));
  const std::array<double, kChurnFeatures> features = {
      static_cast<double>(recency_days),
      static_cast<double>(columns.purchase_days[row]),
      static_cast<double>(int64_t{columns.as_of} - columns.first_day[row]),
      static_cast<double>(columns.purchase_days_30[row]),
      static_cast<double>(columns.purchase_days_90[row]),
      static_cast<double>(columns.purchase_days_180[row]),
      static_cast<double>(columns.purchase_days_365[row]),
      static_cast<double>(columns.net_micros_90[row]) / 1e6,
      static_cast<double>(columns.net_micros_365[row]) / 1e6,
      mean_gap,
      gap_deviation,
      overdue,
      gaps > 0 ? 0.0 : kToGrid,
      std::rint(share * kToGrid),
  };
  for (size_t j = 0; j < kChurnFeatures; ++j) values_[j][size_] = features[j];
  rows_[size_++] = static_cast<uint32_t>(row);
}

void ChurnFeatureBlock::Transform(const Kernels& kernels) {
  for (size_t j = 0; j < kLogarithms; ++j) kernels.signed_log1p_on_grid(values_[j].data(), size_, values_[j].data());
}

ChurnFeatureRow ChurnFeatureBlock::features(size_t i) const {
  ChurnFeatureRow row;
  for (size_t j = 0; j < kChurnFeatures; ++j) row[j] = static_cast<int64_t>(values_[j][i]);
  return row;
}

ChurnFeatureRow ChurnFeaturesOf(const CustomerColumns& columns, size_t row) {
  const auto block = std::make_unique<ChurnFeatureBlock>();
  block->Add(columns, row);
  block->Transform(PlainKernels());
  return block->features(0);
}

}  // namespace strata
