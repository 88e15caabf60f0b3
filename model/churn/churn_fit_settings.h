// What a night asks of its churn fit. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/date.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_reason.h"
#include "model/churn/elastic_net.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/trees/boost.h"

namespace strata {

struct ChurnFitSettings {
  std::vector<ChurnFeature> features;  // all that the job's data have
  ChurnQuestion question = ChurnQuestion::kPurchases;
  int horizon_days = 90;
  int eligible_days = 180;
  int cutoffs = 1;     // training cutoffs of a fit; fewer where the history is shorter
  bool trees = false;  // else the logistic model
  BoostSettings boost;
  int bins = 255;
  int64_t train_rows = 262'144;  // gathered for trees, about, over all cutoffs of a fit
  ElasticNet penalty;
  LifetimeKind lifetime_kind = LifetimeKind::kBgNbd;  // of the features; not kBgBb, not kSbg
  std::optional<int> lifetime_k;                      // of its CNBD kinds
  double time_unit_days = 7;                          // of the lifetime model
  double band_low = 0.33, band_high = 0.66;
  ReasonsFor reasons_for = ReasonsFor::kBands;
  uint64_t seed = 1;
  Day as_of = 0;
};

// Below these a fit means nothing: of both classes among the rows that it is trained on.
inline constexpr int64_t kLogisticClassRowsMin = 25;
inline constexpr int64_t kTreeClassRowsMin = 100;
inline constexpr int64_t kTreeRowsMin = 500;
// Below it of either class in the test a grade means nothing.
inline constexpr int64_t kTestClassRowsMin = 100;
// Of a feature among training rows: from the first on it is left out, from the second on warned of.
inline constexpr double kMissingShareMax = 0.95;
inline constexpr double kMissingShareWarned = 0.20;
// A feature that alone ranks better than this says more than one can honestly know.
inline constexpr double kLeakageAuc = 0.95;
// Customers whose rows give the logistic model its medians and levels.
inline constexpr int64_t kFactsRows = 65'536;

}  // namespace strata
