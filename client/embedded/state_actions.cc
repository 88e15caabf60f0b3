#include "client/embedded/state_actions.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "client/embedded/local_state.h"
#include "coordinator/run_control.h"
#include "data/ledger/ledger_state.h"
#include "data/rows/ledger_layouts.h"
#include "data/rows/stored_table.h"
#include "data/rows/table_shard.h"
#include "run/keys.h"
#include "run/ledger_version.h"
#include "run/snapshot_record.h"
#include "run/table_schema.h"

namespace strata {
namespace {

absl::Status UnderTheLead(const StateOptions& state, const std::string& what,
                          const std::function<absl::Status(const StateSeams&, const Leadership&)>& act) {
  STRATA_ASSIGN_OR_RETURN(const auto open, OpenState(state));
  const StateSeams seams = SeamsOf(open.get());
  const auto pause = [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  STRATA_ASSIGN_OR_RETURN(const Leadership leadership,
                          TakeLead(seams, fmt::format("{}, process {}", what, getpid()), pause, nullptr));
  const absl::Status acted = act(seams, leadership);
  const absl::Status resigned = seams.metadata->Resign(leadership);
  return acted.ok() ? resigned : acted;
}

absl::Status Differs(const std::string& job, const std::string& what, const std::string& found,
                     const std::string& recorded) {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT",
                   fmt::format("ledger of job {}: {} is {}, recorded as {}", job, what, found, recorded));
}

}  // namespace

absl::Status ActivateInState(const StateOptions& state, const std::string& job, int64_t snapshot) {
  return UnderTheLead(state, "strata snapshots activate", [&](const StateSeams& seams, const Leadership& leadership) {
    return ActivateSnapshot(seams, leadership, job, snapshot);
  });
}

absl::Status DeleteInState(const StateOptions& state, const std::string& job, int64_t snapshot) {
  return UnderTheLead(state, "strata snapshots delete", [&](const StateSeams& seams, const Leadership& leadership) {
    return DeleteSnapshot(seams, leadership, job, snapshot);
  });
}

absl::StatusOr<std::vector<std::string>> JobsInState(const StateOptions& state) {
  STRATA_ASSIGN_OR_RETURN(const auto open, OpenState(state));
  constexpr std::string_view kPrefix = "jobs/";
  STRATA_ASSIGN_OR_RETURN(const auto records, open->metadata().List(std::string(kPrefix)));
  std::set<std::string> jobs;
  for (const KeyValue& record : records) {
    const size_t slash = record.key.find('/', kPrefix.size());
    if (slash != std::string::npos) jobs.insert(record.key.substr(kPrefix.size(), slash - kPrefix.size()));
  }
  return std::vector<std::string>(jobs.begin(), jobs.end());
}

absl::StatusOr<std::vector<RunSummary>> RunsInState(const StateOptions& state, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto open, OpenState(state));
  STRATA_ASSIGN_OR_RETURN(std::vector<RunSummary> runs, ListRuns(open->metadata(), job));
  std::reverse(runs.begin(), runs.end());
  return runs;
}

absl::StatusOr<RunSummary> RunInState(const StateOptions& state, const std::string& job, int64_t run) {
  STRATA_ASSIGN_OR_RETURN(const auto open, OpenState(state));
  return GetRun(open->metadata(), job, run);
}

absl::StatusOr<std::map<Day, int64_t>> PublishedInState(const StateOptions& state, const std::string& job) {
  std::map<Day, int64_t> published;
  const auto open = OpenState(state);
  if (open.status().code() == absl::StatusCode::kNotFound) return published;
  if (!open.ok()) return open.status();
  STRATA_ASSIGN_OR_RETURN(const auto head, ReadLedgerHead((*open)->metadata(), job));
  if (!head.has_value()) return published;
  STRATA_ASSIGN_OR_RETURN(const auto records, (*open)->metadata().List(SnapshotRecordsPrefix(job)));
  for (const KeyValue& record : records) {  // by number, so that the newest one of a date stays
    STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record.value));
    if (snapshot.ledger_version == head->version.version) published[snapshot.as_of] = snapshot.number;
  }
  return published;
}

namespace {

// Of every table, as VerifyLedgerInState has it of transactions.
absl::Status VerifyTables(ObjectStore& objects, const LedgerVersion& version, const LedgerRegistry& registry,
                          const std::string& job, LedgerVerification* result) {
  const std::vector<TableLayout> layouts = LayoutsOf(version);
  for (const RegisteredTable& table : registry.tables) {
    const std::string_view name = SchemaOf(table.table).name;
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, FindLayout(layouts, table.table));
    const std::vector<int32_t> removed = registry.RemovedNumbers(FilesOf(table.table));
    int64_t rows = 0;
    for (size_t shard = 0; shard < table.segments.size(); ++shard) {
      std::vector<ObjectRef> segments;
      for (const RegisteredSegment& segment : table.segments[shard]) {
        segments.push_back(segment.object);
        result->size_bytes += static_cast<int64_t>(segment.object.size_bytes);
      }
      result->segments += static_cast<int64_t>(segments.size());
      STRATA_ASSIGN_OR_RETURN(const StoredTable stored, OpenTable(objects, *layout, segments));
      STRATA_ASSIGN_OR_RETURN(const TableTotals totals, SumTableShard(*layout, stored.segments, removed));
      if (totals.digest != table.digests[shard]) {
        return Differs(job, fmt::format("the digest of table {} in shard {}", name, shard), Hex(totals.digest),
                       Hex(table.digests[shard]));
      }
      rows += totals.rows;
    }
    result->table_rows += rows;
    if (rows == table.rows) continue;
    return Differs(job, fmt::format("the number of rows of table {}", name), std::to_string(rows),
                   std::to_string(table.rows));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LedgerVerification> VerifyLedgerInState(const StateOptions& state, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto open, OpenState(state));
  ObjectStore& objects = open->objects();
  STRATA_ASSIGN_OR_RETURN(const auto head, ReadLedgerHead(open->metadata(), job));
  if (!head.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "LEDGER_MISSING", fmt::format("job {} has no ledger yet", job));
  }
  const LedgerVersion& version = head->version;
  STRATA_ASSIGN_OR_RETURN(const LedgerRegistry registry, ReadRegistry(objects, version));
  LedgerVerification result;
  result.version = version.version;
  STRATA_RETURN_IF_ERROR(CheckDigest(version, registry));
  result.digest = version.digest;
  size_t shard = 0;
  for (const std::vector<ObjectRef>& segments : SegmentObjects(registry)) {
    STRATA_ASSIGN_OR_RETURN(const StoredShard stored, OpenShard(objects, segments, registry.RemovedNumbers()));
    STRATA_ASSIGN_OR_RETURN(const ShardTotals totals, SumShard(stored.shard, HasTransactionIds(version)));
    if (const Hash128 recorded = registry.digests[shard]; totals.digest != recorded) {
      return Differs(job, fmt::format("the digest of the rows of shard {}", shard), Hex(totals.digest), Hex(recorded));
    }
    ++shard;
    result.segments += static_cast<int64_t>(segments.size());
    for (const ObjectRef& segment : segments) result.size_bytes += static_cast<int64_t>(segment.size_bytes);
    result.customers += totals.customers;
    result.rows += totals.rows;
  }
  if (result.rows != registry.rows) {
    return Differs(job, "the number of rows", std::to_string(result.rows), std::to_string(registry.rows));
  }
  if (result.customers != registry.customers) {
    return Differs(job, "the number of customers", std::to_string(result.customers),
                   std::to_string(registry.customers));
  }
  STRATA_RETURN_IF_ERROR(VerifyTables(objects, version, registry, job, &result));
  return result;
}

absl::StatusOr<LedgerCompaction> CompactLedgerInState(const StateOptions& state, const std::string& job) {
  absl::StatusOr<LedgerCompaction> compacted;
  STRATA_RETURN_IF_ERROR(
      UnderTheLead(state, "strata ledger compact", [&](const StateSeams& seams, const Leadership& leadership) {
        compacted = CompactLedger(seams, leadership, job);
        return compacted.status();
      }));
  return compacted;
}

}  // namespace strata
