// The table rows of one shard, and those of no customer, as a stage's plan names them. Thread-safe as far as the store
// is.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/rows/table_shard.h"
#include "model/customer_columns.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "store/object_store.h"

namespace strata {

// Owns what it maps; the tables live as long as it does.
class OpenShardTables {
 public:
  // Of a plan of the feature or report stage. `shard` is the one after the last: only rows of no customer. `products`
  // says which versions of products there are; of all other tables it is those that apply. Errors: those of TableShard,
  // and of the store.
  static absl::StatusOr<OpenShardTables> Open(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                              uint32_t shard, Versions products = Versions::kApplying);

  // Aligns the tables to these customers.
  void Align(const CustomerColumns& customers, const std::function<std::string_view(size_t)>& id);
  const ShardTables& tables() const { return tables_; }

 private:
  absl::StatusOr<const TableShard*> OpenOne(ObjectStore& objects, const PlannedTable& table, const TableLayout& layout,
                                            size_t shard, Day as_of, Versions versions);

  std::vector<std::shared_ptr<const FileView>> views_;
  std::vector<std::unique_ptr<TableShard>> open_;
  ShardTables tables_;
};

}  // namespace strata
