// The classes of a shard's customers then and now: what the followed snapshot's part of the same shard says of them,
// and what its cuts say today. A pure function; thread-safe.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "data/reports/report.h"
#include "data/snapshot/lookup_part.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"

namespace strata {

struct FollowedClasses {
  ClassHistory history;
  std::vector<ScoredCustomer> gone;  // in the part and no longer in the base; their ids view the part
};

// What is compared with: the part, its snapshot's models and date.
struct FollowedShard {
  const LookupPart* part = nullptr;
  const FittedModels* models = nullptr;
  Day as_of = 0;
};

// Of the customers of `today`, in the order (hash, id). A scheme that only one of the two snapshots has stays empty,
// and so do the RFM classes where grid, scores or window are not the same, and classes by sums of the profile (value
// class and what follows from it, order and spending level) where window or basis of the margin are not. `profile` as
// of ClassifyCustomers.
FollowedClasses CompareClasses(const FollowedShard& followed, const FittedModels& models, const CustomerColumns& today,
                               const std::function<std::string_view(size_t)>& id, const ColumnSet& profile);

}  // namespace strata
