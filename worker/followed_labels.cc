#include "worker/followed_labels.h"

#include "data/snapshot/followed_clusters.h"
#include "data/snapshot/lookup_part.h"
#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

std::string KeyOf(const StagePlan& plan, uint32_t shard) {
  return plan.features[shard].key + " " + plan.previous_lookups[shard].key;
}

}  // namespace

absl::StatusOr<FollowedLabels::Labels> FollowedLabels::Of(ObjectStore& objects, const StagePlan& plan, uint32_t shard,
                                                          const CustomerColumns& today,
                                                          const std::function<std::string_view(size_t)>& id) {
  if (shard >= plan.previous_lookups.size()) return nullptr;
  const std::string key = KeyOf(plan, shard);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = of_shard_.find(key); found != of_shard_.end()) return found->second;
  }
  const ObjectRef& ref = plan.previous_lookups[shard];
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const LookupPart part, LookupPart::Open(view->bytes()));
  auto labels = std::make_shared<const std::vector<int16_t>>(FollowedClusters(part, today, id));
  const std::lock_guard lock(mutex_);
  return of_shard_.emplace(key, std::move(labels)).first->second;
}

uint64_t FollowedLabels::BytesToRead(const StagePlan& plan, uint32_t shard) const {
  if (shard >= plan.previous_lookups.size()) return 0;
  const std::lock_guard lock(mutex_);
  return of_shard_.contains(KeyOf(plan, shard)) ? 0 : plan.previous_lookups[shard].size_bytes;
}

void FollowedLabels::Clear() {
  const std::lock_guard lock(mutex_);
  of_shard_.clear();
}

}  // namespace strata
