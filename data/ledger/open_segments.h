// Segments that tasks of one run hand on to each other within a process: mapped, verified against their checksum and
// checked once, however many stages read them. A cache: whatever is not in it is opened anew. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/ledger/ledger_state.h"
#include "store/object_store.h"

namespace strata {

class OpenSegments {
 public:
  // Keeps segments of `shard`, the first of which are those of `segments`, for whoever takes them.
  void Keep(std::span<const ObjectRef> segments, const StoredShard& shard);
  // As OpenShard; what was kept is handed over and no longer kept.
  absl::StatusOr<StoredShard> Take(ObjectStore& objects, std::span<const ObjectRef> segments,
                                   std::vector<int32_t> removed_files);
  void Clear();

 private:
  struct Open {
    uint64_t checksum = 0;
    LedgerSegment segment;
    std::shared_ptr<const FileView> view;
  };

  std::mutex mutex_;
  std::map<std::string, Open> kept_;  // by object key; guarded by mutex_
};

}  // namespace strata
