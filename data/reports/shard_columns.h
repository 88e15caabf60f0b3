// The columns of a shard's customers by the names that segments, reports and exports share: what parts/<shard>.parquet
// has, without its prefixes where no other column has the name, then the profile. run/segments/score_names.h lists them
// for job files; a test compares. Owns what it computes and views the rest, which must outlive it. Read-only once made,
// so thread-safe.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "base/status.h"
#include "data/snapshot/lookup_part.h"
#include "model/classes/schemes.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"

namespace strata {

// Whether ClassifyCustomers gives classes of the scheme.
bool HasScheme(const FittedModels& models, SchemeId scheme);

class ShardColumns {
 public:
  // `scores` are those of the customers of `today`, in their order; `profile` may be null. INTERNAL (SCORES_MISMATCH)
  // where they are of other customers, or the profile has a name that is taken.
  static absl::StatusOr<ShardColumns> Make(const FittedModels& models, const CustomerColumns& today,
                                           std::span<const CustomerScore> scores, const ClassCodes& classes,
                                           const ColumnSet* profile);

  const ColumnSet& set() const;

 private:
  struct Arrays;
  explicit ShardColumns(std::shared_ptr<const Arrays> arrays) : arrays_(std::move(arrays)) {}

  std::shared_ptr<const Arrays> arrays_;
};

}  // namespace strata
