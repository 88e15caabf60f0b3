// A lifetime model inside churn: fitted on what was known at a cutoff, it gives features (how probable it is that a
// customer never comes back, or buys nothing within the horizon) and the answer where the history is too thin for
// anything else.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "model/customer_columns.h"
#include "model/lifetime/fit_scorer.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

// Travels in the rounds' parameters and is part of the model. Not of kBgBb and kSbg.
struct ChurnLifetime {
  LifetimeParameters parameters;
  double time_unit_days = 7;
  int32_t T_max_days = 0;  // the age of the oldest customer at the fit's date: what is tabled
  double customers = 0;    // of the fit: a few are forecast one by one, without tables

  void Encode(ByteWriter* writer) const;
  static ChurnLifetime Decode(ByteReader* reader);
  bool operator==(const ChurnLifetime&) const = default;
};

// The model made ready for many customers. Immutable but for tables that fill and never change a result; thread-safe:
// make one per set of parameters, not one per shard.
class ChurnForecasts {
 public:
  ChurnForecasts(const ChurnLifetime& lifetime, int horizon_days);

  // `none`: P(no purchase day in the horizon); `expected`: purchase days in it. Precondition: the row has a purchase
  // day.
  HistoryScore Of(const CustomerColumns& columns, size_t row) const { return scorer_->Score(DaysOf(columns, row)); }

 private:
  std::unique_ptr<const FitScorer> scorer_;
};

}  // namespace strata
