// The one way in which commands talk to a state: a gRPC channel, either to a server (--target) or to one in this
// process over a state folder (client/embedded/local_state.h). Questions and answers are plain values; messages are
// read and checked by wire/, so a command never sees protobuf. Every call has a deadline.
//
// Errors are those of the API with the server's address before them; UNAVAILABLE (TARGET_UNREACHABLE) when there is no
// connection. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "client/answers.h"
#include "run/summary.h"
#include "wire/ledgers.h"
#include "wire/names.h"
#include "wire/score_export.h"
#include "wire/segments.h"
#include "wire/snapshots.h"

namespace grpc {
class Channel;
}

namespace strata {

struct ClusterStatus;     // wire/cluster_status.h
struct SnapshotDiff;      // data/snapshot/snapshot_diff.h
struct RunProgressFacts;  // wire/runs.h
struct RunRequest;

inline constexpr int64_t kConnectTimeoutMs = 5'000;  // a server that is there answers within a round trip
inline constexpr int kReconnectMs = 1'000;           // between dials of a server that is away
inline constexpr int kKeepaliveMs = 10'000;          // of silence while a call waits; servers allow half of it
inline constexpr int kKeepaliveAnswerMs = 5'000;     // a round trip, however busy the server is
inline constexpr int64_t kCallTimeoutMs = 30'000;    // the first question may open a snapshot, which reads all of it
inline constexpr int64_t kStatusTimeoutMs = 5'000;   // a server answers it from memory
inline constexpr int64_t kSubmitTimeoutMs = 60'000;  // the server and a worker look at the sources first
inline constexpr int64_t kVerifyTimeoutMs = 60 * 60'000;        // reads every byte of a snapshot, at disk speed
inline constexpr int64_t kExportStreamTimeoutMs = 10 * 60'000;  // then resumed, as long as rows keep coming
inline constexpr int kExportFailuresMax = 3;                    // in a row, without a row in between

struct ExportChunk {
  AnswerFacts info;
  int64_t customers_total = 0;  // of the whole snapshot
  std::vector<ExportedScore> rows;
};

class Connection {
 public:
  // Connects to HOST:PORT (or any address that gRPC takes), without any proxy of the environment. INVALID_ARGUMENT
  // (FLAG_INVALID) for what is no address.
  static absl::StatusOr<std::unique_ptr<Connection>> ToTarget(const std::string& address,
                                                              int64_t timeout_ms = kConnectTimeoutMs);
  // Over an open channel; `where` names it in errors (empty: not at all), `owner` is kept alive as long as it is
  // needed.
  Connection(std::shared_ptr<grpc::Channel> channel, std::string where, std::shared_ptr<void> owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::StatusOr<std::vector<JobLine>> Jobs() const;
  absl::StatusOr<ClusterStatus> Status() const;

  absl::StatusOr<ScoreAnswer> GetScore(const SnapshotName& snapshot, const std::string& customer_id) const;
  // Precondition: 1 to kMaxLookupIds ids, each UTF-8 (protobuf cannot carry others).
  absl::StatusOr<LookupAnswer> Lookup(const SnapshotName& snapshot, const std::vector<std::string>& ids) const;
  // All customers in chunks, from one snapshot. A stream that breaks off is resumed where it ended. An error of
  // `on_chunk` ends the export with that error. DATA_LOSS (EXPORT_INCOMPLETE) unless exactly the announced number of
  // customers came.
  absl::Status Export(const SnapshotName& snapshot,
                      const std::function<absl::Status(const ExportChunk&)>& on_chunk) const;

  absl::StatusOr<SegmentsAnswer> Segments(const SnapshotName& snapshot) const;
  // Of one of the job's own segments; all pages.
  absl::StatusOr<MembersAnswer> Members(const SnapshotName& snapshot, const std::string& segment,
                                        MemberChange change) const;
  absl::StatusOr<ReportsAnswer> Reports(const SnapshotName& snapshot) const;
  absl::StatusOr<ReportAnswer> Report(const SnapshotName& snapshot, const std::string& report) const;  // all its rows
  absl::StatusOr<ModelsAnswer> Models(const SnapshotName& snapshot) const;

  absl::StatusOr<std::vector<ListedSnapshot>> Snapshots(const std::string& job) const;  // newest first
  absl::StatusOr<ListedSnapshot> GetSnapshot(const SnapshotName& snapshot) const;
  absl::StatusOr<VerifyAnswer> Verify(const SnapshotName& snapshot) const;
  absl::StatusOr<SnapshotDiff> Diff(const SnapshotName& base, const SnapshotName& other) const;
  absl::Status Activate(const SnapshotName& snapshot) const;  // with its number
  absl::Status Delete(const SnapshotName& snapshot) const;    // with its number

  absl::StatusOr<LedgerSummary> Ledger(const std::string& job) const;
  absl::StatusOr<std::vector<RegisteredFile>> LedgerFiles(const std::string& job) const;  // by number

  absl::StatusOr<RunName> RunJob(const RunRequest& request) const;
  // How far the run's operation is; `done` when it has ended, however it did.
  absl::StatusOr<RunProgressFacts> Progress(const RunName& run, bool* done) const;
  absl::StatusOr<RunSummary> Run(const RunName& run) const;
  absl::StatusOr<std::vector<RunSummary>> Runs(const std::string& job) const;  // newest first
  // Waits until the server is there again, at most this long. Calls that fail at once leave the library no thread to
  // notice it by.
  void AwaitServer(int64_t timeout_ms) const;
  absl::StatusOr<RunSummary> CancelRun(const RunName& run) const;

 private:
  // One stream of an export from `token` on; moves `token` and `received` forward.
  absl::Status ExportStream(const SnapshotName& snapshot,
                            const std::function<absl::Status(const ExportChunk&)>& on_chunk, std::string* token,
                            int64_t* received, int64_t* total) const;

  std::shared_ptr<void> owner_;  // before the channel: goes last
  std::shared_ptr<grpc::Channel> channel_;
  std::string where_;
  bool dialed_ = false;  // over a network: only such a channel can be waited for
};

}  // namespace strata
