// The rounds of a fit on record, so that the next coordinator goes on with the round that follows them. A fit is a pure
// function of what answered its rounds, so what is kept are those answers (the partials, as they came), and a fit is
// resumed by giving them to a new one: the state of no model is written down, and a resumed fit has the bits of one
// that was never interrupted. docs/adr/0012.
//
// A checkpoint is an object with some consecutive rounds and a record under the coordinator's token (run/run_state.h):
// written when a model has ended, and otherwise at most every kCheckpointMs. It is pinned to the run by its key (whose
// build computes it, see RecoverRuns), to the plan of the stage, to the rounds, and each answer to the parameters that
// it answers. What is damaged, missing or of something else is passed over with a log line, and the fit begins at the
// rounds before it, or anew: checkpoints never change a result. Those that cannot be written cost time after a crash
// and nothing else. They are removed with the run's other intermediates.
//
// Not thread-safe; its seams must outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/telemetry/log_line.h"
#include "model/fit/night_fit.h"
#include "run/run_state.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

// What a coordinator that dies makes its successor repeat, against one object and one commit for each.
inline constexpr int64_t kCheckpointMs = 10'000;
// What waits to be written is in memory; a fit whose answers are larger within kCheckpointMs would rather not be
// copied.
inline constexpr size_t kMaxCheckpointBytes = size_t{256} << 20;
// Eleven hours of kCheckpointMs; a fit that takes longer is not kept any further.
inline constexpr int kMaxCheckpoints = 4000;

class FitCheckpoints {
 public:
  struct Seams {
    ObjectStore* objects = nullptr;
    Metadata* metadata = nullptr;
    const Clock* clock = nullptr;
    LogSink log;  // may be empty
  };
  // Of run `run`, whose fit stage has `plan`; `token` is the coordinator's.
  FitCheckpoints(Seams seams, std::string job, int64_t run, int64_t token, ObjectRef plan);

  // A fit as `make` makes it, taken as far as checkpoints reach; `next_round` is where it goes on. Errors are those of
  // the metadata.
  absl::StatusOr<std::unique_ptr<NightFit>> Resume(const std::function<std::unique_ptr<NightFit>()>& make,
                                                   uint32_t* next_round);

  // After each round that the fit has absorbed: what it asked (checksum of the request) and what answered. Writes when
  // it is time, or when `now` says so. ABORTED (LEADERSHIP_LOST) is the only error; whatever else goes wrong is logged.
  absl::Status Keep(uint64_t request_checksum, const std::vector<std::string>& answers, bool now);

 private:
  struct Round {
    uint64_t request_checksum = 0;
    std::vector<std::string> answers;
  };
  absl::StatusOr<std::vector<Round>> Read(const FitCheckpoint& checkpoint) const;
  absl::Status Apply(const std::vector<Round>& rounds, NightFit* fit) const;
  absl::Status Write();
  absl::Status PassWritten(const std::string& key);
  void Forget(uint32_t rounds);
  void Log(LogLevel level, const std::string& message, const char* what, std::string reason) const;

  Seams seams_;
  std::string job_;
  int64_t run_;
  int64_t token_;
  ObjectRef plan_;
  uint32_t first_round_ = 0;         // of those that wait
  std::deque<std::string> waiting_;  // rounds to be written, encoded
  size_t waiting_bytes_ = 0;
  int64_t written_ms_ = 0;
  int written_ = 0;
  bool given_up_ = false;
};

}  // namespace strata
