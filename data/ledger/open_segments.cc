#include "data/ledger/open_segments.h"

#include <utility>

namespace strata {

void OpenSegments::Keep(std::span<const ObjectRef> segments, const StoredShard& shard) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < segments.size(); ++i) {
    kept_.insert_or_assign(
        segments[i].key,
        Open{.checksum = segments[i].checksum, .segment = shard.shard.segments[i], .view = shard.views[i]});
  }
}

absl::StatusOr<StoredShard> OpenSegments::Take(ObjectStore& objects, std::span<const ObjectRef> segments,
                                               std::vector<int32_t> removed_files) {
  StoredShard taken{.shard = {.segments = {}, .removed_files = std::move(removed_files)}, .views = {}};
  for (const ObjectRef& ref : segments) {
    {
      const std::lock_guard lock(mutex_);
      if (auto kept = kept_.extract(ref.key); !kept.empty() && kept.mapped().checksum == ref.checksum) {
        taken.shard.segments.push_back(std::move(kept.mapped().segment));
        taken.views.push_back(std::move(kept.mapped().view));
        continue;
      }
    }
    STRATA_RETURN_IF_ERROR(OpenSegment(objects, ref, &taken));
  }
  return taken;
}

void OpenSegments::Clear() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
}

}  // namespace strata
