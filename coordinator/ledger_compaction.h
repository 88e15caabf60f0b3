// Merges the segments of a ledger on request; in a run they are merged when that pays (data/ledger/shard.h).
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "coordinator/run_control.h"

namespace strata {

struct LedgerCompaction {
  int64_t version = 0;  // the ledger's from now on; as before when there was nothing to merge
  std::string digest;   // never changed by this
  int64_t segments_before = 0;
  int64_t segments = 0;
};

// One segment per shard and no row of a removed file: one commit of a new ledger version with the same digest, which is
// computed anew from the rows first. What only the old version needs is collected. FAILED_PRECONDITION (RUN_ACTIVE)
// while a run of the job is active; NOT_FOUND (LEDGER_MISSING); DATA_LOSS (LEDGER_CORRUPT) when the rows are not those
// of the digest: then nothing is changed; those of CommitSurely.
absl::StatusOr<LedgerCompaction> CompactLedger(const StateSeams& seams, const Leadership& leadership,
                                               const std::string& job);

}  // namespace strata
