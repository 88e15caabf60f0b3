// The snapshots that a server can answer from: which there are, which is current, and the open ones. Learns what is
// published (PublishedSnapshots) when told to (Refresh); a request never does.
//
// A new current snapshot is opened and verified first, then switched to; until then, and for as long as it cannot be
// opened, the last good one answers and the error is kept in JobView::problem, for health, logs and JobService. Where
// no good one was ever loaded, the job answers UNAVAILABLE: an older snapshot never steps in unasked, since the current
// pointer is the truth. Damaged snapshots are tried again every kRetryRefreshes refreshes or when the pointer changes;
// whatever may pass by itself (UNAVAILABLE) at every refresh. What was read before stays when it cannot be read now,
// and the generation of a job's pointer never goes back.
//
// Verifying reads every byte of the mapping that will answer, so the pages of a new snapshot are in memory before the
// first call asks for one. A snapshot is closed, and its pages are free to go, when it is neither current nor was asked
// for by number in the last kIdleRefreshes refreshes, and no call uses it any more.
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
#include "serving/published_snapshots.h"
#include "store/object_store.h"
#include "wire/names.h"

namespace strata {

inline constexpr size_t kMaxPinnedSnapshots = 4;  // open beside the current one, per job: each holds its parts mapped
inline constexpr int kIdleRefreshes = 150;     // at two seconds each: five minutes for a roll-back or another question
inline constexpr int kRetryRefreshes = 30;     // at two seconds each: a damaged snapshot is read again every minute
inline constexpr int kDiscoverRefreshes = 30;  // finding new jobs lists every key of the state, so it is done rarely

// An open snapshot. Immutable.
struct ServedSnapshot {
  std::string job;
  SnapshotRecord record;
  std::shared_ptr<const Snapshot> snapshot;
};

struct OpenSnapshot {
  std::shared_ptr<const ServedSnapshot> served;
  std::shared_ptr<std::atomic<int>> last_used;  // the refresh after which it was last asked for by number
};

// One job at one moment. Immutable once in a CatalogueView.
struct JobView {
  std::optional<CurrentPointer> pointer;  // as last read; nullopt: nothing was activated yet
  int64_t held_at = 0;                    // the snapshot that must answer whatever `pointer` says; 0: it decides
  std::shared_ptr<const ServedSnapshot> current;  // what answers; null while there is none
  // Why what should answer does not; else what could not be read, or was ignored. OK when all is well.
  absl::Status problem;
  std::map<int64_t, SnapshotRecord> records;  // all records, by number; those being deleted too
  std::map<int64_t, OpenSnapshot> open;       // the current one and those recently asked for by number

  // The snapshot that should answer; 0: none yet.
  int64_t wanted() const { return held_at != 0 ? held_at : pointer.has_value() ? pointer->snapshot : 0; }
};

using CatalogueView = std::map<std::string, std::shared_ptr<const JobView>, std::less<>>;
using HeldJobs = std::map<std::string, int64_t>;  // job: the number of the snapshot that must answer for it

class SnapshotCatalogue {
 public:
  // `objects` must outlive the catalogue. Knows only the held jobs until the first Refresh.
  SnapshotCatalogue(ObjectStore* objects, std::unique_ptr<PublishedSnapshots> published, HeldJobs held = {});

  // Reads what is published of all jobs and opens what is newly current. Every job is tried; the error names those
  // that failed. An error to read leaves what is served as it was.
  absl::Status Refresh();
  // The same for one job, known or not: for whoever just published or activated.
  absl::Status RefreshJob(const std::string& job);

  std::shared_ptr<const CatalogueView> view() const { return view_.load(); }

  // OK once every job was tried, one answers, and so does every held job; it stays so. Else UNAVAILABLE (NOT_READY)
  // with the reason.
  absl::Status Ready() const;
  // UNAVAILABLE (NOT_READY), with the cause, until it was once read which jobs there are; then OK.
  absl::Status JobsRead() const;
  // What a request for a job that is not in the view gets: NOT_FOUND (JOB_UNKNOWN), or the error of JobsRead.
  absl::Status UnknownJob(const std::string& job) const;

  // The open snapshot of that name; null when it exists and is published, but must be opened first (see Open).
  // NOT_FOUND (JOB_UNKNOWN, SNAPSHOT_UNKNOWN), UNAVAILABLE (SNAPSHOT_UNAVAILABLE) when a job's current one is not
  // loaded, (NOT_READY) when nothing could be read yet.
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Find(const SnapshotName& name) const;

  // The same, opening the snapshot where necessary: reads and verifies all of it. Keeps it open until more than
  // kMaxPinnedSnapshots were opened after it. Errors as Find; UNAVAILABLE (SNAPSHOT_UNAVAILABLE) with the cause when it
  // does not open.
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Open(const SnapshotName& name);

  // Reads and verifies a snapshot anew, whether it is open or not; does not keep it. DATA_LOSS names the object at
  // fault.
  absl::StatusOr<ServedSnapshot> Verify(const SnapshotName& name);

  // `listener` is called after every change of the view, on the thread that changed it. It must call nothing of the
  // catalogue but view, Find and Ready. An empty function removes it; on return no call to the old one is under way.
  void SetListener(std::function<void()> listener);

 private:
  // What should answer. `generation` 0: held.
  using Target = CurrentPointer;
  // A target that did not open, and how many refreshes to let pass.
  struct Failure {
    Target target;
    absl::Status status;
    int wait_refreshes = 0;
  };

  // All with mutex_ held.
  absl::Status Discover();
  absl::Status RefreshLocked(const std::string& job);
  absl::Status Follow(const std::string& job);
  void Switch(const std::string& job, const PublishedJob& published, JobView* next);
  void Serve(const std::string& job, std::shared_ptr<const ServedSnapshot> served, JobView* next);
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> LoadTarget(const std::string& job, const Target& target,
                                                                   const PublishedJob& published);
  void CloseUnused(const std::string& job, JobView* next);
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> Load(const std::string& job, const SnapshotRecord& record);
  OpenSnapshot Opened(std::shared_ptr<const ServedSnapshot> served) const;
  void Pin(const std::string& job, int64_t number,
           JobView* next);  // the oldest pinned one goes when there are too many
  void Publish(const std::string& job, JobView next);
  void TellListener();

  ObjectStore* objects_;
  std::unique_ptr<PublishedSnapshots> published_;
  const HeldJobs held_;
  std::atomic<std::shared_ptr<const CatalogueView>> view_;
  std::atomic<std::shared_ptr<const absl::Status>> jobs_read_;
  std::atomic<bool> tried_all_ = false;
  std::atomic<int> refreshes_ = 0;

  std::mutex listener_mutex_;  // held for the call; taken after mutex_
  std::function<void()> listener_;

  std::mutex mutex_;                                   // serialises changes
  std::map<std::string, Failure> failures_;            // by job
  std::map<std::string, std::deque<int64_t>> pinned_;  // by job, oldest first; never the current one
  int until_discovery_ = 0;                            // refreshes
};

}  // namespace strata
