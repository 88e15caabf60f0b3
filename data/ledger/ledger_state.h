// A job's ledger as a state holds it: which version is current, and what it registers. Reads only; thread-safe as far
// as its seams are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/ledger/shard.h"
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

// DATA_LOSS (LEDGER_RECORD_CORRUPT) unless the digests that a registry keeps by shard make up its version's.
absl::Status CheckDigest(const LedgerVersion& version, const LedgerRegistry& registry);

// A shard with the mapped objects that its segments view.
struct StoredShard {
  LedgerShard shard;
  std::vector<std::shared_ptr<const FileView>> views;
};
// Adds a segment behind those that `stored` has. Errors name its key.
absl::Status OpenSegment(ObjectStore& objects, const ObjectRef& ref, StoredShard* stored);
// `segments` oldest first. Errors of opening a segment name its key.
absl::StatusOr<StoredShard> OpenShard(ObjectStore& objects, std::span<const ObjectRef> segments,
                                      std::vector<int32_t> removed_files);

// The segments of every shard without their versions, as a stage's plan has them.
std::vector<std::vector<ObjectRef>> SegmentObjects(const LedgerRegistry& registry);

// Whether the ledger has lines: its job mapped transaction_id.
bool HasTransactionIds(const LedgerVersion& version);

}  // namespace strata
