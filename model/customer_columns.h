// What the models see of customers: columns of one shard as of one date, and nothing about where they came from. A
// view; whoever made the columns owns them and keeps them alive. Read-only, so thread-safe.
//
// Definitions (rules of the data): a purchase is a distinct day with at least one row that is not a return; zero
// amounts count. Row i of every column is the same customer; rows are in the order (hash, id). All windows end at the
// date itself and include it: a window of w days is (date - w, date].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/date.h"

namespace strata {

class ColumnSet;  // model/columns.h

// In ShardFeatures::followed_cluster: the customer was not in the base of the followed snapshot.
inline constexpr int16_t kNotInFollowed = -32768;

struct CustomerColumns {
  Day as_of = 0;                           // the date; nothing after it is in any column but future_*
  std::span<const uint64_t> hash;          // XXH3-64 of the customer id
  std::span<const int32_t> purchase_days;  // number of purchase days; 0: class no_purchase
  std::span<const Day> first_day;          // first purchase day; 0 without one
  std::span<const Day> last_day;           // last purchase day; 0 without one
  std::span<const int64_t> net_micros;     // net of all days, returns subtracted
  std::span<const int64_t>
      repeat_net_micros;                 // net of the repeat purchase days (first one and returns-only days left out)
  std::span<const int32_t> rows;         // accepted rows, returns included
  std::span<const int32_t> return_rows;  // accepted rows that are returns
  std::span<const int32_t> purchase_days_30;  // purchase days in the last 30 days
  std::span<const int32_t> purchase_days_90;
  std::span<const int32_t> purchase_days_180;
  std::span<const int32_t> purchase_days_365;
  std::span<const int64_t> net_micros_90;  // net of the last 90 days
  std::span<const int64_t> net_micros_365;
  std::span<const int64_t> squared_gap_days;      // sum of squared gaps between consecutive purchase days, days^2
  std::span<const int32_t> future_purchase_days;  // purchase days in (as_of, as_of + horizon]; -1 where not yet known
  // In the hold-out view alone, elsewhere empty; its horizon is the length of the hold-out, h days.
  std::span<const int64_t> future_net_micros = {};     // net of the days in (as_of, as_of + h], returns subtracted
  std::span<const int32_t> purchase_days_before = {};  // purchase days in (as_of - h, as_of]

  size_t size() const { return hash.size(); }
};

struct FitCache;  // model/clustering/evaluate.h

// The dates a run looks at. The churn views are empty (size 0) when the job has no churn model, that of the hold-out
// when its lifetime value has none.
struct ShardFeatures {
  CustomerColumns today;        // as of the run's date
  CustomerColumns churn_test;   // as of today - h; labels known
  CustomerColumns churn_train;  // as of today - 2h; labels known
  // All of churn, newest first: as of today - h, today - 2h, ...; labels known.
  std::span<const CustomerColumns> churn_views = {};
  // What else churn knows of customers: of today's first, then of churn_views, as of their dates. Empty: the job has no
  // feature that needs them.
  std::span<const ColumnSet* const> churn_profiles = {};
  CustomerColumns holdout = {};        // as of the beginning of the lifetime value's hold-out; what followed is known
  const ColumnSet* profile = nullptr;  // further columns of today's customers; null: the job has none
  uint32_t number = 0;                 // of the shard, below `shards`
  uint32_t shards = 1;                 // of the job
  FitCache* cache = nullptr;           // of this shard alone; null: none is kept
  std::span<const int16_t>
      followed_cluster;  // by row of today: the id in the followed snapshot; empty: none is followed
};

}  // namespace strata
