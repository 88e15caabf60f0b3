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
#include "run/table_schema.h"

namespace strata {

struct RegisteredFile {
  int32_t number = 0;  // rows of the ledger carry it; never used twice
  std::string path;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t checksum = 0;
  int32_t same_as = -1;  // number of the file with the same checksum whose rows count; -1: this one's own rows count
  RowCounts counts;      // as of this version; without skipped_after_as_of, which depends on a run's date
  TableId table = TableId::kTransactions;
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;  // by reason; adds up to counts.rejected
};

// A segment of a shard, and the ledger version that wrote it.
struct RegisteredSegment {
  ObjectRef object;
  int64_t version = 0;
};

// A file that was replaced or vanished: its rows no longer count. A segment may hold them as long as it is of a version
// before the removal.
struct RemovedFile {
  int32_t number = 0;
  int64_t version = 0;  // the ledger version that removed it
  TableId table = TableId::kTransactions;
  bool operator==(const RemovedFile&) const = default;
};

// The table whose files the rows of a table come from: those of kLinks are in the customers' files.
constexpr TableId FilesOf(TableId table) { return table == TableId::kLinks ? TableId::kCustomers : table; }

// What the ledger has of one table: rows of its own, or the details of transactions (data/rows).
struct RegisteredTable {
  TableId table = TableId::kTransactions;
  std::vector<std::vector<RegisteredSegment>> segments;  // by shard, oldest first; the last is the reference shard
  std::vector<Hash128> digests;                          // by shard, as LedgerRegistry::digests; the reference one too
  int64_t rows = 0;                                      // that count
  int64_t customers = 0;
  int64_t conflicts = 0;
  std::map<Day, int64_t> rows_by_day;
};

struct LedgerRegistry {
  std::vector<RegisteredFile> files;                     // by number
  std::vector<RemovedFile> removed_files;                // by number; forgotten when no segment can hold their rows
  std::vector<std::vector<RegisteredSegment>> segments;  // by shard, oldest first; none where a shard has no rows
  std::vector<Hash128> digests;                          // by shard, of its rows that count (Plus, base/hash_sum.h)
  int32_t next_file_number = 1;
  std::map<Day, int64_t> rows_by_day;  // accepted rows
  int64_t customers = 0;
  int64_t rows = 0;                     // accepted rows
  int64_t conflicts = 0;                // transaction ids whose rows differ in content
  std::vector<RegisteredTable> tables;  // by TableId

  // Null: the ledger has nothing of the table.
  const RegisteredTable* Find(TableId table) const;
  RegisteredTable& TableOf(TableId table);  // an empty one where there was none
  // Drops the removed files that no segment can hold any more.
  void ForgetRemoved();
  // Of files of one table, ascending.
  std::vector<int32_t> RemovedNumbers(TableId table = TableId::kTransactions) const;

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
  ObjectRef aliases;   // merged identities it was built with (data/tables/alias_table.h); empty: the job has none
  ObjectRef fx;        // rates that its rows asked for (run/fx_uses.h); empty: the job has none

  std::string ToJson() const;
  static absl::StatusOr<LedgerVersion> FromJson(std::string_view json);
};

// The ledger digest from the digests of its shards, in shard order, and of those of the tables that have rows.
Hash128 LedgerDigest(const LedgerRegistry& registry);

// One line per field that differs: "shards: ledger has 64, job has 32"; empty when equal.
std::vector<std::string> FingerprintDifferences(const std::vector<std::pair<std::string, std::string>>& ledger,
                                                const std::vector<std::pair<std::string, std::string>>& job);

}  // namespace strata
