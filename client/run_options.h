// What `strata run` was asked for. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "client/flags.h"
#include "model/kernels/kernels.h"
#include "run/activation.h"

namespace strata {

struct RunOptions {
  StateFlags state;
  std::string job_path;
  std::optional<int> workers;  // absent: 1; only without --target
  std::optional<int> threads;  // absent: all cores; only without --target
  const Kernels* kernels = &WidestKernels();
  uint64_t memory_limit_bytes = 0;  // 0: none
  std::optional<Day> as_of;
  std::vector<Day> backfill;       // dates of a range, ascending; empty: one run
  bool is_backfill = false;        // this run is one of a backfill's
  bool skip_published = false;     // of a backfill
  std::optional<int64_t> follows;  // 0: none
  Activation activation = Activation::kAsUsual;
  bool rebuild_ledger = false;
  bool ledger_only = false;  // only together with rebuild_ledger
  bool verify_sources = false;
  bool ignore_veto = false;
  std::string request_id;  // empty: a random one is made for a target
};

// The flags as they were typed.
struct RunFlagTexts {
  std::string as_of;  // a date, or A..B; empty: absent
  std::optional<int> every_days;
  std::string follows;       // empty: absent
  std::string kernels;       // empty: absent
  std::string memory_limit;  // empty: absent
  bool activate = false;
  bool no_activate = false;
};

// Reads the texts into `options` and checks that the flags go together. INVALID_ARGUMENT (FLAG_INVALID) names the flag,
// what was found and what is allowed.
absl::Status ReadRunFlags(const RunFlagTexts& texts, RunOptions* options);

// The text of a job file, checked (run/job_file.h). INVALID_ARGUMENT (JOB_INVALID) or the file system's errors.
absl::StatusOr<std::string> ReadJobFile(const std::string& path);

// The UUID (RFC 4122, version 4) of 128 random bits, of which it takes 122.
std::string RequestIdOf(uint64_t high_bits, uint64_t low_bits);

}  // namespace strata
