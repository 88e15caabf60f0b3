#include "coordinator/ledger_compaction.h"

#include <fmt/format.h>

#include "coordinator/ledger_collection.h"
#include "coordinator/sure_commit.h"
#include "data/ledger/ledger_state.h"
#include "data/rows/ledger_layouts.h"
#include "data/rows/stored_table.h"
#include "data/rows/table_shard.h"
#include "run/keys.h"
#include "run/table_schema.h"

namespace strata {
namespace {

constexpr uint32_t kPrivateMode = 0600;  // customer data in clear

absl::Status CheckIdle(Metadata& metadata, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto active, metadata.Get(ActiveRunKey(job)));
  if (!active.has_value()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE",
      fmt::format("job {} has an active run: jobs/{}/runs/{}; its ledger is left alone", job, job, active->value));
}

// Merges the segments of a shard where there is something to merge; the digest of its rows either way.
absl::StatusOr<Hash128> CompactShard(ObjectStore& objects, const LedgerHead& head, const std::string& job,
                                     uint32_t shard, LedgerRegistry* registry) {
  std::vector<RegisteredSegment>& segments = registry->segments[shard];
  std::vector<ObjectRef> refs;
  for (const RegisteredSegment& segment : segments) refs.push_back(segment.object);
  const bool has_transaction_ids = HasTransactionIds(head.version);
  STRATA_ASSIGN_OR_RETURN(const StoredShard stored, OpenShard(objects, refs, registry->RemovedNumbers()));
  if (segments.size() <= 1 && registry->removed_files.empty()) {
    STRATA_ASSIGN_OR_RETURN(const ShardTotals totals, SumShard(stored.shard, has_transaction_ids));
    return totals.digest;
  }
  STRATA_ASSIGN_OR_RETURN(const ShardUpdate update,
                          UpdateShard(stored.shard, {}, has_transaction_ids, Compaction::kAll));
  segments.clear();
  if (update.segment.empty()) return update.totals.digest;
  ObjectRef ref{.key = {}, .checksum = Hash64(update.segment), .size_bytes = update.segment.size()};
  ref.key = SegmentObject(job, shard, ref.checksum);
  STRATA_RETURN_IF_ERROR(objects.Put(ref.key, update.segment, kPrivateMode));
  segments.push_back({.object = std::move(ref), .version = head.version.version + 1});
  return update.totals.digest;
}

absl::Status Corrupt(const std::string& job, std::string_view what, uint32_t shard, const Hash128& found,
                     const Hash128& recorded) {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT",
                   fmt::format("ledger of job {}: the digest of the rows of {}shard {} is {}, recorded as {}; nothing "
                               "was changed",
                               job, what, shard, Hex(found), Hex(recorded)));
}

// As CompactShard, of one table.
absl::StatusOr<Hash128> CompactTable(ObjectStore& objects, const LedgerHead& head, const std::string& job,
                                     const TableLayout& layout, uint32_t shard,
                                     const std::vector<int32_t>& removed_files, RegisteredTable* table) {
  std::vector<RegisteredSegment>& segments = table->segments[shard];
  std::vector<ObjectRef> refs;
  for (const RegisteredSegment& segment : segments) refs.push_back(segment.object);
  STRATA_ASSIGN_OR_RETURN(const StoredTable stored, OpenTable(objects, layout, refs));
  if (segments.size() <= 1 && removed_files.empty()) {
    STRATA_ASSIGN_OR_RETURN(const TableTotals totals, SumTableShard(layout, stored.segments, removed_files));
    return totals.digest;
  }
  STRATA_ASSIGN_OR_RETURN(const TableUpdate update,
                          UpdateTableShard(layout, stored.segments, removed_files, {}, nullptr, Compaction::kAll));
  segments.clear();
  if (update.segment.empty()) return update.totals.digest;
  ObjectRef ref{.key = {}, .checksum = Hash64(update.segment), .size_bytes = update.segment.size()};
  ref.key = TableSegmentObject(job, table->table, shard, ref.checksum);
  STRATA_RETURN_IF_ERROR(objects.Put(ref.key, update.segment, kPrivateMode));
  segments.push_back({.object = std::move(ref), .version = head.version.version + 1});
  return update.totals.digest;
}

absl::Status CompactTables(ObjectStore& objects, const LedgerHead& head, const std::string& job,
                           LedgerRegistry* registry) {
  const std::vector<TableLayout> layouts = LayoutsOf(head.version);
  for (RegisteredTable& table : registry->tables) {
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, FindLayout(layouts, table.table));
    const std::vector<int32_t> removed = registry->RemovedNumbers(FilesOf(table.table));
    for (uint32_t shard = 0; shard < table.segments.size(); ++shard) {
      STRATA_ASSIGN_OR_RETURN(const Hash128 digest, CompactTable(objects, head, job, *layout, shard, removed, &table));
      if (digest == table.digests[shard]) continue;
      return Corrupt(job, fmt::format("table {} in ", SchemaOf(table.table).name), shard, digest, table.digests[shard]);
    }
  }
  return absl::OkStatus();
}

// The version's record first: what is read back after an unknown outcome must be this version and not one of the same
// number.
absl::Status Commit(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                    const LedgerHead& head, const LedgerVersion& version) {
  return CommitSurely(*seams.metadata,
                      {.compares = {{LedgerHeadKey(job), head.revision}, {ActiveRunKey(job), 0}},
                       .puts = {{LedgerVersionKey(job, version.version), version.ToJson()},
                                {LedgerHeadKey(job), std::to_string(version.version)}},
                       .deletes = {},
                       .token = leadership.token},
                      "committing the compacted ledger");
}

int64_t CountSegments(const LedgerRegistry& registry) {
  int64_t count = 0;
  for (const auto& shard : registry.segments) count += static_cast<int64_t>(shard.size());
  for (const RegisteredTable& table : registry.tables) {
    for (const auto& shard : table.segments) count += static_cast<int64_t>(shard.size());
  }
  return count;
}

}  // namespace

absl::StatusOr<LedgerCompaction> CompactLedger(const StateSeams& seams, const Leadership& leadership,
                                               const std::string& job) {
  STRATA_RETURN_IF_ERROR(CheckIdle(*seams.metadata, job));
  STRATA_ASSIGN_OR_RETURN(const auto head, ReadLedgerHead(*seams.metadata, job));
  if (!head.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "LEDGER_MISSING", fmt::format("job {} has no ledger yet", job));
  }
  STRATA_ASSIGN_OR_RETURN(LedgerRegistry registry, ReadRegistry(*seams.objects, head->version));
  LedgerCompaction result{.version = head->version.version,
                          .digest = head->version.digest,
                          .segments_before = CountSegments(registry),
                          .segments = 0};
  const std::string before = registry.Encode();
  STRATA_RETURN_IF_ERROR(CheckDigest(head->version, registry));
  for (uint32_t shard = 0; shard < registry.segments.size(); ++shard) {
    STRATA_ASSIGN_OR_RETURN(const Hash128 digest, CompactShard(*seams.objects, *head, job, shard, &registry));
    if (digest != registry.digests[shard]) return Corrupt(job, "", shard, digest, registry.digests[shard]);
  }
  STRATA_RETURN_IF_ERROR(CompactTables(*seams.objects, *head, job, &registry));
  registry.removed_files.clear();
  result.segments = CountSegments(registry);
  const std::string bytes = registry.Encode();
  if (bytes == before) return result;
  LedgerVersion version = head->version;
  version.parent = head->version.version;
  result.version = ++version.version;
  version.registry = {.key = RegistryObject(job, Hash64(bytes)), .checksum = Hash64(bytes), .size_bytes = bytes.size()};
  STRATA_RETURN_IF_ERROR(seams.objects->Put(version.registry.key, bytes));
  STRATA_RETURN_IF_ERROR(Commit(seams, leadership, job, *head, version));
  STRATA_RETURN_IF_ERROR(CollectLedger(seams, leadership, job));
  return result;
}

}  // namespace strata
