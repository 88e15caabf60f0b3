// A job's ledger as a state holds it: which version is current, and what it registers. Reads only; thread-safe as far as
// its seams are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "run/ledger_version.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

struct LedgerHead {
  LedgerVersion version;
  int64_t revision = 0;  // of the metadata key that names the version, for the commit of the next one
};

// nullopt when the job has no ledger yet. DATA_LOSS (LEDGER_RECORD_CORRUPT) names the key that cannot be read.
absl::StatusOr<std::optional<LedgerHead>> ReadLedgerHead(Metadata& metadata, const std::string& job);

// nullopt when there is no record of that version (it was collected).
absl::StatusOr<std::optional<LedgerVersion>> ReadLedgerVersion(Metadata& metadata, const std::string& job,
                                                               int64_t version);

// Files and segments of a version; DATA_LOSS (CHECKSUM_MISMATCH) when the object is not as committed.
absl::StatusOr<LedgerRegistry> ReadRegistry(ObjectStore& objects, const LedgerVersion& version);

}  // namespace strata
