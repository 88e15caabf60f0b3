// The snapshots that a server can answer from: which there are, which is current, and the open ones. Reads the metadata
// when told to (Refresh); a request never does.
//
// A new current snapshot is opened and verified first, then switched to; until then, and for as long as it cannot be
// opened, the last good one answers and the error is kept in JobView::problem, for health, logs and JobService. Where
// no good one was ever loaded, the job answers UNAVAILABLE: an older snapshot never steps in unasked, since the current
// pointer is the truth. Damaged snapshots are tried again every kRetryRefreshes refreshes or when the pointer changes;
// whatever may pass by itself (UNAVAILABLE) at every refresh.
//
// Thread-safe. Reading (Find, view) takes one atomic load of a shared_ptr: with this library that is a spin lock held
// for the few instructions of a reference count, which is nothing beside the ten microseconds of a call, and unlike a
// mutex it is never held while somebody does work. Writing (Refresh, Open) is serialised by a mutex and may take as
// long as reading a snapshot from disk takes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/status.h"
#include "data/snapshot/snapshot.h"
#include "run/current.h"
#include "run/snapshot_record.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "wire/names.h"

namespace strata {

inline constexpr size_t kMaxPinnedSnapshots = 4;  // open beside the current one, per job: each holds its parts mapped
inline constexpr int kRetryRefreshes = 30;        // at two seconds each: a damaged snapshot is read again every minute
inline constexpr int kDiscoverRefreshes = 30;     // finding new jobs lists every key of the state, so it is done rarely

// An open snapshot. Immutable.
struct ServedSnapshot {
  std::string job;
  SnapshotRecord record;
  std::shared_ptr<const Snapshot> snapshot;
};

// One job at one moment. Immutable once in a CatalogueView.
struct JobView {
  std::optional<CurrentPointer> pointer;                          // as last read; nullopt: nothing was activated yet
  std::shared_ptr<const ServedSnapshot> current;                  // what answers; null while there is none
  absl::Status problem;                                           // why `pointer` is not what answers; OK when it is
  std::map<int64_t, SnapshotRecord> records;                      // all records, by number; those being deleted too
  std::map<int64_t, std::shared_ptr<const ServedSnapshot>> open;  // the current one and recently pinned ones
};

using CatalogueView = std::map<std::string, std::shared_ptr<const JobView>, std::less<>>;

class SnapshotCatalogue {
 public:
  // Both must outlive the catalogue. Empty until the first Refresh.
  SnapshotCatalogue(ObjectStore* objects, Metadata* metadata);

  // Reads pointers and records of all jobs and opens what is newly current. Every job is tried; the error names those
  // that failed. An error to read leaves what is served as it was.
  absl::Status Refresh();
  // The same for one job, known or not: for whoever just published or activated.
  absl::Status RefreshJob(const std::string& job);

  std::shared_ptr<const CatalogueView> view() const { return view_.load(); }

  // The open snapshot of that name; null when it exists and is published, but must be opened first (see Open).
  // NOT_FOUND (JOB_UNKNOWN, SNAPSHOT_UNKNOWN), UNAVAILABLE (SNAPSHOT_UNAVAILABLE) when a job's current one is not
  // loaded.
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Find(const SnapshotName& name) const;

  // The same, opening the snapshot where necessary: reads and verifies all of it. Keeps it open until more than
  // kMaxPinnedSnapshots were opened after it. Errors as Find; UNAVAILABLE (SNAPSHOT_UNAVAILABLE) with the cause when it
  // does not open.
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Open(const SnapshotName& name);

  // Reads and verifies a snapshot anew, whether it is open or not; does not keep it. DATA_LOSS names the object at
  // fault.
  absl::StatusOr<ServedSnapshot> Verify(const SnapshotName& name);

  // `listener` is called after every change of the view, on the thread that changed it. It must call nothing of the
  // catalogue but view and Find. An empty function removes it; on return no call to the old one is under way.
  void SetListener(std::function<void()> listener);

 private:
  // A pointer whose snapshot did not open, and how many refreshes to let pass.
  struct Failure {
    CurrentPointer pointer;
    absl::Status status;
    int wait_refreshes = 0;
  };

  // All with mutex_ held.
  absl::Status Discover();
  absl::Status RefreshLocked(const std::string& job);
  void Switch(const std::string& job, JobView* next);
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Load(const std::string& job, const SnapshotRecord& record);
  void Pin(const std::string& job, int64_t number,
           JobView* next);  // the oldest pinned one goes when there are too many
  void Publish(const std::string& job, JobView next);

  ObjectStore* objects_;
  Metadata* metadata_;
  std::atomic<std::shared_ptr<const CatalogueView>> view_;

  std::mutex listener_mutex_;  // held for the call; taken after mutex_
  std::function<void()> listener_;

  std::mutex mutex_;                                   // serialises changes
  std::map<std::string, Failure> failures_;            // by job
  std::map<std::string, std::deque<int64_t>> pinned_;  // by job, oldest first; never the current one
  int refreshes_ = 0;
};

}  // namespace strata
