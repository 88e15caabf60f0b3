#include "model/churn/churn_features.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace strata {
namespace {

constexpr double kToGrid = 1 << kFeatureGridBits;

enum Feature : size_t {
  kRecency,
  kPurchaseDays,
  kTenure,
  kPurchaseDays30,
  kPurchaseDays90,
  kPurchaseDays180,
  kPurchaseDays365,
  kNet90,
  kNet365,
  kMeanGap,
  kGapDeviation,
  kOverdue,
  kOneTimeBuyer,
  kReturnShare,
  kFeatures
};
static_assert(kFeatures == kChurnFeatures);

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

void ChurnFeatureBlock::Transform(const CustomerColumns& columns, const Kernels& kernels) {
  const auto take_counts = [&](Feature feature, const auto& count_of) {
    std::array<int32_t, kKernelBlock> counts;
    for (size_t i = 0; i < size_; ++i) counts[i] = count_of(rows_[i]);
    kernels.signed_log1p_of_counts_on_grid(counts.data(), size_, values_[feature].data());
  };
  take_counts(kRecency, [&](size_t row) { return columns.as_of - columns.last_day[row]; });
  take_counts(kPurchaseDays, [&](size_t row) { return columns.purchase_days[row]; });
  take_counts(kTenure, [&](size_t row) { return columns.as_of - columns.first_day[row]; });
  take_counts(kPurchaseDays30, [&](size_t row) { return columns.purchase_days_30[row]; });
  take_counts(kPurchaseDays90, [&](size_t row) { return columns.purchase_days_90[row]; });
  take_counts(kPurchaseDays180, [&](size_t row) { return columns.purchase_days_180[row]; });
  take_counts(kPurchaseDays365, [&](size_t row) { return columns.purchase_days_365[row]; });
  alignas(64) std::array<double, kKernelBlock> returned{}, all{};
  for (size_t i = 0; i < size_; ++i) {
    const size_t row = rows_[i];
    values_[kNet90][i] = static_cast<double>(columns.net_micros_90[row]) / 1e6;
    values_[kNet365][i] = static_cast<double>(columns.net_micros_365[row]) / 1e6;
    returned[i] = columns.return_rows[row];
    all[i] = columns.rows[row];
  }
  for (size_t i = 0; i < kKernelBlock; ++i) {
    values_[kReturnShare][i] = std::rint(returned[i] / (all[i] > 1 ? all[i] : 1) * kToGrid);
  }
  TransformGaps(columns);
  for (const Feature feature : {kNet90, kNet365, kMeanGap, kGapDeviation, kOverdue}) {
    kernels.signed_log1p_on_grid(values_[feature].data(), size_, values_[feature].data());
  }
}

// Who bought once and who bought again alternate as they please: chosen from both and not branched upon, a whole block
// at a time, so that divisions and roots are done several at once.
void ChurnFeatureBlock::TransformGaps(const CustomerColumns& columns) {
  alignas(64) std::array<double, kKernelBlock> gaps{}, span_days{}, squared_days{}, recency_days{};
  for (size_t i = 0; i < size_; ++i) {
    const size_t row = rows_[i];
    gaps[i] = columns.purchase_days[row] - 1;
    span_days[i] = columns.last_day[row] - columns.first_day[row];
    squared_days[i] = static_cast<double>(columns.squared_gap_days[row]);
    recency_days[i] = columns.as_of - columns.last_day[row];
  }
  for (size_t i = 0; i < kKernelBlock; ++i) {
    const bool bought_again = gaps[i] > 0;
    const double n = bought_again ? gaps[i] : 1;
    const double mean = span_days[i] / n;
    const double variance = squared_days[i] / n - mean * mean;
    values_[kMeanGap][i] = mean;
    values_[kGapDeviation][i] = std::sqrt(variance > 0 ? variance : 0);
    values_[kOverdue][i] = (bought_again ? recency_days[i] : 0) / (bought_again ? mean : 1);
    values_[kOneTimeBuyer][i] = bought_again ? 0 : kToGrid;
  }
}

ChurnFeatureRow ChurnFeatureBlock::features(size_t i) const {
  ChurnFeatureRow row;
  for (size_t j = 0; j < kChurnFeatures; ++j) row[j] = static_cast<int64_t>(values_[j][i]);
  return row;
}

ChurnFeatureRow ChurnFeaturesOf(const CustomerColumns& columns, size_t row) {
  const auto block = std::make_unique<ChurnFeatureBlock>();
  block->Add(row);
  block->Transform(columns, PlainKernels());
  return block->features(0);
}

}  // namespace strata
