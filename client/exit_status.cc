#include "client/exit_status.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace strata {
namespace {

// Reasons whose code says "bad input" although no flag, job or source is at fault.
constexpr std::array<std::string_view, 19> kNotTheInput = {
    "CLUSTERING_IDS",      // so many nights followed one another that numbers of clusters ran out
    "CUSTOMER_UNKNOWN",    // a fine question with the answer "nobody"
    "EXPECTATION_FAILED",  // a veto: the feed is not there yet
    "FORMAT_UNKNOWN",      // a state of another version
    "LEADERSHIP_LOST",
    "LEDGER_MISSING",
    "NOTHING_CLUSTERED",  // a fine question; the snapshot has no clusters
    "NO_SNAPSHOT",        // nothing was activated yet
    "ADDRESS_UNAVAILABLE",
    "REPORT_SKIPPED",  // a fine question; the job lacks what the report needs
    "RUN_ACTIVE",
    "RUN_ENDED",
    "SERVER_READ_ONLY",
    "SNAPSHOT_IN_USE",
    "STATE_EMPTY",
    "STATE_HELD",
    "STATE_MISSING",
    "WAL_UNAVAILABLE",
    "VETO",  // a rule of the job holds the result back
};

}  // namespace

int ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return kExitDone;
  const auto detail = DetailOf(status);
  if (detail.has_value() && std::find(kNotTheInput.begin(), kNotTheInput.end(), detail->reason) != kNotTheInput.end()) {
    return kExitFailed;
  }
  return ClassOf(status) == ErrorClass::kBadInput ? kExitBadInput : kExitFailed;
}

int ExitStatusOf(const RunSummary& summary, bool activation_declined) {
  if (const absl::Status error = ErrorOf(summary); !error.ok()) return ExitStatusOf(error);
  if (!summary.published) return kExitFailed;
  return summary.activated || activation_declined || summary.back_dated ? kExitDone : kExitFailed;
}

}  // namespace strata
