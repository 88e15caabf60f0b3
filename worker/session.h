// A worker's life in a cluster: dials the coordinator, keeps the control stream and a heartbeat on a channel of its
// own, dials again when the stream breaks. Owns its threads.
//
// Run is called once; Stop may be called from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"
#include "worker/stream_watch.h"
#include "worker/worker.h"

namespace strata {

struct SessionOptions {
  std::string coordinator;           // host:port
  int64_t connect_wait_ms = 30'000;  // how long to try for a first and for a lost connection
  LogSink log = {};                  // may be empty
};

class WorkerSession {
 public:
  WorkerSession(SessionOptions options, Worker::Options worker, TaskExecutor* executor);
  ~WorkerSession();

  // Returns OK after Stop; UNAVAILABLE (COORDINATOR_UNREACHABLE) when nothing answers at the address for
  // connect_wait_ms; FAILED_PRECONDITION (NOT_A_COORDINATOR) when something else answers there, kRefusalsMax times in a
  // row.
  absl::Status Run();
  void Stop();

 private:
  struct Stream;

  absl::Status RunOnce(bool* welcomed);
  void ReadFrames(Stream* stream, bool* welcomed);
  void WriteFrames(Stream* stream);
  void Beat();
  bool MustReconnect(const StreamCounts& counts, int64_t patience_ms, StreamWatch* watch);
  void Say(const std::string& what) const;
  bool PauseFor(int64_t ms);  // false when stopped
  void SetConnected(bool connected, const std::string& why);

  SessionOptions options_;
  WorkerId id_;
  WorkerMetrics* metrics_;  // may be null
  bool connected_ = false;  // used by the thread of Run alone
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FromWorker> outbox_;  // guarded by mutex_; survives a lost stream
  Stream* stream_ = nullptr;       // the one in use; guarded by mutex_
  bool stopping_ = false;          // guarded by mutex_
  int64_t lease_ms_ = 0;           // 0: not welcomed yet; guarded by mutex_
  std::unique_ptr<Worker> worker_;
};

}  // namespace strata
