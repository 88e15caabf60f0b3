// The clusters that the customers of a run's shards had in the snapshot which the run follows, for the fit: ids persist
// by who was in a cluster. Read once a shard and kept for the run, two bytes a customer. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/customer_columns.h"
#include "run/stage_plan.h"
#include "store/object_store.h"

namespace strata {

class FollowedLabels {
 public:
  using Labels = std::shared_ptr<const std::vector<int16_t>>;

  // As FollowedClusters (data/snapshot/followed_clusters.h); null where the plan follows nothing. Errors of MapVerified
  // and LookupPart.
  absl::StatusOr<Labels> Of(ObjectStore& objects, const StagePlan& plan, uint32_t shard, const CustomerColumns& today,
                            const std::function<std::string_view(size_t)>& id);
  // What reading them will map of the shard: 0 once they are known.
  uint64_t BytesToRead(const StagePlan& plan, uint32_t shard) const;
  void Clear();

 private:
  mutable std::mutex mutex_;
  // By the keys of the shard's features and of the followed part: a round of a run that was given up finds nothing of
  // the next one.
  std::map<std::string, Labels> of_shard_;  // guarded by mutex_
};

}  // namespace strata
