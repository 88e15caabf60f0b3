// Scores customers with what a night fitted: the one place where models become a CustomerScore. Every number follows
// from the models and the customer's own columns, so a customer's score does not depend on who else is scored. Pure;
// thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "model/churn_scores.h"
#include "model/classes/schemes.h"
#include "model/cluster_columns.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/value.h"

namespace strata {

// What scoring makes of models before the first customer. Immutable but for tables that fill and never change a result;
// thread-safe. The models must outlive it.
struct ReadyScorers {
  std::unique_ptr<const LifetimeScorer> lifetime;  // null: there is no such model
  std::unique_ptr<const NightChurn> churn;         // likewise

  static ReadyScorers Of(const FittedModels& models);
};

// One score per row, in the order of the rows; `out` is replaced. `today` is as of the date of the models. Scores of
// models that are absent or not fitted stay absent (0, -1 or NaN, see CustomerScore). RFM of a window needs the
// customers' `profile`, which may be null; with one there are classes too (model/classes/schemes.h), which are
// returned. The named RFM segment is that of the grid of eleven, and absent where the job names another. `clusters`,
// where it is not null, gets what customers are clustered by. `ready`, where it is not null, is of the same models: its
// tables cost more than a shard's scores, so who scores many shards keeps one. Errors of ScoreClusters, LifetimeScorer
// and NightChurn.
absl::StatusOr<ClassCodes> ScoreCustomers(const FittedModels& models, const CustomerColumns& today,
                                          const ColumnSet* profile, std::vector<CustomerScore>* out,
                                          const Kernels& kernels, ClusterColumns* clusters = nullptr,
                                          const ReadyScorers* ready = nullptr);

}  // namespace strata
