// How far the distribution of each numeric column has moved between two snapshots: population stability index, mean and
// deciles. Exact: deciles come from integer histograms refined over a few passes (model/statistics/exact_quantiles.h),
// means from sums on a grid. Pure functions of open snapshots; thread-safe.
//
// The index is that of credit scoring (Siddiqi, Credit Risk Scorecards, 2006, ch. 9): the sum over bins of
// (q - p) ln(q / p). By the usual reading below 0.1 is little, from 0.25 on much.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/snapshot/snapshot.h"

namespace strata {

inline constexpr size_t kDriftChunkRows = 65536;  // 11.5 MiB of values, however large the snapshots
inline constexpr int kDeciles = 9;

// A column in one of the snapshots.
struct Distribution {
  int64_t present = 0;          // customers with a value
  std::optional<double> mean;   // nullopt without values
  std::vector<double> deciles;  // the smallest value v with count(values <= v) >= ceil(i n / 10), i = 1..9; or empty
  bool operator==(const Distribution&) const = default;
};

struct ColumnDrift {
  std::string column;  // as an export or a Parquet part names it; recency_days and tenure_days beside
  Distribution base;
  Distribution other;
  // Customers by bin: up to and including each distinct decile of the base, beyond the last one, without a value.
  std::vector<int64_t> base_bins;
  std::vector<int64_t> other_bins;
  std::optional<double> stability_index;  // nullopt when the base has no value
  bool operator==(const ColumnDrift&) const = default;
};

// In the order of the columns of an export, then days since the last and the first purchase, then the features of
// feature_values.h, which a snapshot without Parquet parts does not have. Money is in the currency, in features in
// micros. `objects` is where the snapshots lie. CANCELLED (DIFF_CANCELLED); DATA_LOSS names a part that cannot be read.
absl::StatusOr<std::vector<ColumnDrift>> MeasureDrift(ObjectStore& objects, const Snapshot& base, const Snapshot& other,
                                                      const std::function<bool()>& cancelled);

// Of two histograms over the same bins. A bin that is empty in both is left out; one that is empty in one of them
// counts as half a customer there, lest one customer make the index infinite. Preconditions: equal sizes, each with a
// customer.
double StabilityIndex(const std::vector<int64_t>& base_bins, const std::vector<int64_t>& other_bins);

absl::Status DiffCancelled();

}  // namespace strata
