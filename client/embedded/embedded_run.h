// A whole night in this process: coordinator, workers and state folder, for `strata run` without a cluster. The same
// plan, driver, tasks and formats as a cluster's; only the worker links differ.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/date.h"
#include "base/status.h"
#include "coordinator/night/night.h"
#include "model/kernels/kernels.h"
#include "run/summary.h"
#include "store/state.h"

namespace strata {

struct EmbeddedRunOptions {
  std::string job_path;
  StateOptions state = {.folder = ".strata"};
  int workers = 1;  // 1..kMaxEmbeddedWorkers
  int threads = 0;  // per worker; 0: the machine's cores shared out
  const Kernels* kernels = &WidestKernels();
  uint64_t memory_limit_bytes = 0;  // of all workers together; 0: none
  std::optional<Day> as_of;
  std::optional<int64_t> follows;  // 0: none
  Activation activation = Activation::kAsUsual;
  bool rebuild_ledger = false;
  bool ledger_only = false;  // ends with the ledger version; only together with rebuild_ledger
  bool verify_sources = false;
  bool ignore_veto = false;
  bool backfill = false;
  std::string request_id;
  std::stop_token stop;                             // cancels the run
  std::function<void(const std::string&)> on_note;  // a sentence for people about what is waited for; may be empty
};

inline constexpr int kMaxEmbeddedWorkers = 64;   // more would only wait for one another
inline constexpr int kMaxEmbeddedThreads = 256;  // of one worker

struct ProgressLine {
  std::string stage;
  uint32_t done = 0;
  uint32_t total = 0;
  uint32_t round = 0;  // of the fit stage
  uint32_t workers = 0;
  double seconds = 0;  // in this stage
};

// Runs to the end, carries out what the job wants done then, and returns the run's summary, whose error says how a run
// failed. An error status means that no run
// came about: a job that cannot be read, a state held by another process.
absl::StatusOr<RunSummary> RunEmbedded(const EmbeddedRunOptions& options,
                                       const std::function<void(const ProgressLine&)>& on_progress);

}  // namespace strata
