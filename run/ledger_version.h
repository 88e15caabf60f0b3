// One version of a job's ledger: a small record in metadata, and the file registry and segment list in one object.
// Plain values; encodings are canonical.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/hash.h"
#include "base/status.h"
#include "run/frames.h"
#include "run/row_counts.h"

namespace strata {

struct RegisteredFile {
  int32_t number = 0;  // rows of the ledger carry it; never used twice
  std::string path;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t checksum = 0;
  int32_t same_as = -1;  // number of the file with the same checksum whose rows count; -1: this one's own rows count
  RowCounts counts;      // as of this version; without skipped_after_as_of, which depends on a run's date
};

struct LedgerRegistry {
  std::vector<RegisteredFile> files;   // by number
  std::vector<ObjectRef> segments;     // by shard
  std::map<Day, int64_t> rows_by_day;  // accepted rows
  int64_t customers = 0;
  int64_t rows = 0;       // accepted rows
  int64_t conflicts = 0;  // transaction ids seen with differing content, since the ledger began

  std::string Encode() const;
  static absl::StatusOr<LedgerRegistry> Decode(std::string_view bytes);
};

struct LedgerVersion {
  int64_t version = 0;
  int64_t parent = 0;                                            // 0: built from the sources alone
  std::vector<std::pair<std::string, std::string>> fingerprint;  // fields a ledger depends on (run/job_file.h)
  ObjectRef registry;
  std::string digest;  // hexadecimal, logical: the same for any segments or compaction
  int64_t run = 0;     // the run that made it

  std::string ToJson() const;
  static absl::StatusOr<LedgerVersion> FromJson(std::string_view json);
};

// The ledger digest from the digests of its shards, in shard order.
Hash128 LedgerDigest(const std::vector<Hash128>& shard_digests);

// One line per field that differs: "shards: ledger has 64, job has 32"; empty when equal.
std::vector<std::string> FingerprintDifferences(const std::vector<std::pair<std::string, std::string>>& ledger,
                                                const std::vector<std::pair<std::string, std::string>>& job);

}  // namespace strata
