#include "model/churn/churn_features.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/log_transform.h"

namespace strata {
namespace {

double SignedLogOfMicros(int64_t micros) { return SignedLog1p(static_cast<double>(micros) / 1e6); }

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

ChurnFeatureRow ChurnFeaturesOf(const CustomerColumns& columns, size_t row) {
  const int64_t recency_days = int64_t{columns.as_of} - columns.last_day[row];
  const int64_t gaps = int64_t{columns.purchase_days[row]} - 1;
  double mean_gap = 0;
  double gap_deviation = 0;
  if (gaps > 0) {
    const double n = static_cast<double>(gaps);
    mean_gap = static_cast<double>(int64_t{columns.last_day[row]} - columns.first_day[row]) / n;
    const double variance = static_cast<double>(columns.squared_gap_days[row]) / n - mean_gap * mean_gap;
    gap_deviation = variance > 0 ? std::sqrt(variance) : 0;
  }
  const std::array<double, kChurnFeatures> features = {
      Log1pCount(recency_days),
      Log1pCount(columns.purchase_days[row]),
      Log1pCount(int64_t{columns.as_of} - columns.first_day[row]),
      Log1pCount(columns.purchase_days_30[row]),
      Log1pCount(columns.purchase_days_90[row]),
      Log1pCount(columns.purchase_days_180[row]),
      Log1pCount(columns.purchase_days_365[row]),
      SignedLogOfMicros(columns.net_micros_90[row]),
      SignedLogOfMicros(columns.net_micros_365[row]),
      gaps > 0 ? std::log1p(mean_gap) : 0,
      gaps > 0 ? std::log1p(gap_deviation) : 0,
      gaps > 0 ? std::log1p(static_cast<double>(recency_days) / mean_gap) : 0,
      gaps > 0 ? 0.0 : 1.0,
      static_cast<double>(columns.return_rows[row]) / static_cast<double>(std::max(columns.rows[row], 1)),
  };
  ChurnFeatureRow row_features;
  for (size_t j = 0; j < kChurnFeatures; ++j) {
    row_features[j] = std::llrint(features[j] * static_cast<double>(1 << kFeatureGridBits));
  }
  return row_features;
}

}  // namespace strata
