// Feature columns: what the models see, per shard, as of the run's date and of the churn cutoffs; an Arrow IPC file
// with one record batch per view. Pure functions of bytes; thread-safe.
//
// A day of a customer is all its rows over all files. A purchase day has at least one row that is not a return; its net
// may be zero or negative. Rules: see model/customer_columns.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/ledger/shard.h"
#include "model/customer_columns.h"

namespace strata {

inline constexpr int kFeatureFormatVersion = 2;  // 2: only the as_of view has ids

struct FeatureDates {
  Day as_of = 0;
  bool has_churn = false;
  int churn_horizon_days = 0;  // test cutoff = as_of - h, train cutoff = as_of - 2h
};

struct FeatureResult {
  std::string bytes;
  int64_t customers = 0;  // the base: customers with an accepted row up to as_of
  int64_t customers_with_purchase = 0;
  int64_t rows = 0;  // accepted rows up to as_of
  std::map<int32_t, int64_t> rows_after_as_of_by_file;
};

// A view holds every customer with an accepted row up to its date. future_purchase_days is -1 in the as_of view.
// INVALID_ARGUMENT when churn is wanted without a horizon; OUT_OF_RANGE (NET_OVERFLOW) names a customer whose sums
// leave their column, which no shard of UpdateShard has.
absl::StatusOr<FeatureResult> BuildFeatures(const LedgerShard& shard, const FeatureDates& dates);

// A read-only view of a feature file; `bytes` must outlive it, and lie at a multiple of 8 lest columns be copied.
// Copies share the columns, and the spans of features() live as long as any of them. DATA_LOSS (FEATURES_CORRUPT) or
// FAILED_PRECONDITION (FORMAT_UNKNOWN).
class FeatureFile {
 public:
  static absl::StatusOr<FeatureFile> Open(std::string_view bytes);
  const ShardFeatures& features() const;
  std::string_view id(size_t row) const;  // of the as_of view

 private:
  struct Arrays;
  std::shared_ptr<const Arrays> arrays_;
};

}  // namespace strata
