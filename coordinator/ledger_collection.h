// Deletes what the ledger no longer needs: versions that are neither the newest one nor named by a kept snapshot, and
// the segments and registries that no needed version refers to.
#pragma once

#include <string>

#include "base/status.h"
#include "coordinator/run_control.h"

namespace strata {

// For whoever leads, while no other run of the job is active. The records go first, in commits under the token: a
// deposed coordinator deletes nothing (ABORTED, LEADERSHIP_LOST), and no record may refer to an object that is gone. A
// crash in between leaves objects that the next collection finds.
absl::Status CollectLedger(const StateSeams& seams, const Leadership& leadership, const std::string& job);

}  // namespace strata
