// Feature columns: what the models see, per shard, as of the run's date, of the churn cutoffs and of the beginning of a
// hold-out; an Arrow IPC file with one record batch per view. Pure functions of bytes; thread-safe.
//
// A day of a customer is all its rows over all files. A purchase day has at least one row that is not a return; its net
// may be zero or negative. Rules: see model/customer_columns.h.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/ledger/segment_spans.h"
#include "data/ledger/shard.h"
#include "model/customer_columns.h"

namespace strata {

inline constexpr int kFeatureFormatVersion = 2;         // 2: only the as_of view has ids
inline constexpr int kHoldoutFeatureFormatVersion = 3;  // of files that have a hold-out view: two columns more
inline constexpr int kViewsFeatureFormatVersion = 4;    // of files that say how many churn views they have
inline constexpr int kChurnViews = 2;                   // where nothing is said: a test and a training cutoff
inline constexpr int kMaxChurnViews = 7;                // a test cutoff, and six to train on

struct FeatureDates {
  Day as_of = 0;
  bool has_churn = false;
  int churn_horizon_days = 0;  // h: the cutoffs are as_of - h, as_of - 2h, ...
  int churn_views = kChurnViews;
  int holdout_days = 0;  // the hold-out view is as of as_of - holdout_days; 0: there is none
};

// A customer of the base whether there are rows or not: one that a table of customers names.
struct KnownCustomer {
  uint64_t hash = 0;
  std::string_view id;
  auto operator<=>(const KnownCustomer&) const = default;
};

// Looks at the days of customers while features are made of them, so that nobody reads them twice.
class DayVisitor {
 public:
  virtual ~DayVisitor() = default;
  // The customer in row `row` of the as_of view, row by row. `days` are those up to its date, one per day and file;
  // none for a customer who is known alone.
  virtual void Visit(size_t row, const DaySpans& days) = 0;
  // After it, for each churn view that has the customer, newest first (view 0): in row `row` of that view; `days` are
  // those up to the view's date.
  virtual void VisitCutoff(size_t view, size_t row, const DaySpans& days);
};

struct FeatureResult {
  std::string bytes;
  int64_t customers = 0;  // the base: customers with an accepted row up to as_of, and those who are known
  int64_t customers_with_purchase = 0;
  int64_t rows = 0;  // accepted rows up to as_of
  std::map<int32_t, int64_t> rows_after_as_of_by_file;
};

// A view holds every customer with an accepted row up to its date; that of as_of the `known` ones as well, who ascend
// and are there once. future_purchase_days is -1 in the as_of view; the hold-out view has all that followed up to
// as_of. `visitor` may be null. INVALID_ARGUMENT when churn is wanted without a horizon or with fewer than kChurnViews
// or more than kMaxChurnViews views, or a hold-out of no days; OUT_OF_RANGE (NET_OVERFLOW) names a customer whose sums
// leave their column, which no shard of UpdateShard has.
absl::StatusOr<FeatureResult> BuildFeatures(const LedgerShard& shard, const FeatureDates& dates,
                                            std::span<const KnownCustomer> known = {}, DayVisitor* visitor = nullptr);

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
