// What a job wants done when a run has ended (`on_finish:`), and the record that makes sure it is. Plain values;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

struct OnFinish {
  std::vector<std::string> command;  // program and arguments; empty: none
  std::string webhook;               // http:// or https://; empty: none
  int timeout_seconds = 30;          // of the command, and of each attempt at the webhook
  bool on_succeeded = true;
  bool on_failed = true;
  bool on_cancelled = true;

  bool any() const { return !command.empty() || !webhook.empty(); }
  bool operator==(const OnFinish&) const = default;
};

// Written under FinishKey(job, run) by the commit that records the run's end, and deleted by the one that records what
// came of it: whoever leads carries out what is there, so it happens at least once.
struct FinishRecord {
  OnFinish on_finish;
  std::string folder;  // where the command runs: the job file's, "/" for a job of a cluster

  bool operator==(const FinishRecord&) const = default;
  std::string Encode() const;
  // DATA_LOSS, or FAILED_PRECONDITION (FORMAT_UNKNOWN) for another version of the format.
  static absl::StatusOr<FinishRecord> Decode(std::string_view bytes);
};

// What came of one of them; part of the run's record.
struct FinishOutcome {
  std::string kind;  // "command" or "webhook"
  bool ok = false;
  int attempts = 0;
  double seconds = 0;   // in all
  std::string message;  // for people: "exit status 0"

  bool operator==(const FinishOutcome&) const = default;
};

// Scheme, host and port of a webhook: the rest of such an address is often a secret.
std::string_view HostOf(std::string_view url);

}  // namespace strata
