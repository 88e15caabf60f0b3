// What is published in a state, as a server learns it: from the metadata where it has them (a coordinator, `strata
// serve`), or from the object store alone (a read replica). Both say the same of the same state, except that objects
// may be a moment behind, and that a deletion under way is not seen in them.
//
// Not thread-safe: SnapshotCatalogue calls it from one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "run/current.h"
#include "run/snapshot_record.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

// Objects only: how many times a job is read between two looks for snapshots that the pointer does not name. Each look
// asks once per snapshot whether it is still there.
inline constexpr int kSnapshotListingReads = 30;

struct PublishedJob {
  std::optional<CurrentPointer> pointer;       // nullopt: nothing was activated yet
  std::map<int64_t, SnapshotRecord> records;   // by number
  std::map<int64_t, absl::Status> unreadable;  // snapshots that are there, but whose description cannot be read
  absl::Status remark;  // what was ignored, for people: foreign and damaged objects; OK when there was nothing
};

class PublishedSnapshots {
 public:
  virtual ~PublishedSnapshots() = default;

  // Names of all jobs that left a trace, by name.
  virtual absl::StatusOr<std::vector<std::string>> Jobs() = 0;
  // Empty for a job without a trace. An error says that nothing is known now; it changes nothing.
  virtual absl::StatusOr<PublishedJob> Read(const std::string& job) = 0;
};

// The pointers must outlive the result.
std::unique_ptr<PublishedSnapshots> NewPublishedInMetadata(Metadata* metadata);
// Takes the highest valid object jobs/<job>/current/<generation> as pointer, and every readable manifest as a published
// snapshot. Remembers manifests, which never change. The manifest that the pointer names is read at once; others are
// looked for at every kSnapshotListingReads-th Read.
std::unique_ptr<PublishedSnapshots> NewPublishedInObjects(ObjectStore* objects);

}  // namespace strata
