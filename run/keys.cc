#include "run/keys.h"

#include <fmt/format.h>

#include <charconv>

namespace strata {

std::string JobPrefix(std::string_view job) { return fmt::format("jobs/{}/", job); }

int64_t RunNumberOf(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string NextNumberKey(std::string_view job) { return JobPrefix(job) + "next_number"; }
std::string ActiveRunKey(std::string_view job) { return JobPrefix(job) + "active_run"; }
std::string RunsPrefix(std::string_view job) { return JobPrefix(job) + "runs/"; }
std::string RunKey(std::string_view job, int64_t run) { return fmt::format("{}{:010}", RunsPrefix(job), run); }

std::string RequestKey(std::string_view job, std::string_view request_id) {
  return fmt::format("{}requests/{}", JobPrefix(job), request_id);
}

std::string TasksPrefix(std::string_view job) { return JobPrefix(job) + "tasks/"; }

std::string TasksPrefix(std::string_view job, int64_t run) { return fmt::format("{}{:010}/", TasksPrefix(job), run); }

std::string TaskKey(std::string_view job, int64_t run, Stage stage, uint32_t index) {
  return fmt::format("{}{}/{:08}", TasksPrefix(job, run), Name(stage), index);
}

std::string RunStatePrefix(std::string_view job) { return JobPrefix(job) + "run_state/"; }

std::string RunStatePrefix(std::string_view job, int64_t run) {
  return fmt::format("{}{:010}/", RunStatePrefix(job), run);
}

std::string RunStateKey(std::string_view job, int64_t run, std::string_view name) {
  return RunStatePrefix(job, run) + std::string(name);
}

std::string FinishPrefix(std::string_view job) { return JobPrefix(job) + "finish/"; }

std::string FinishKey(std::string_view job, int64_t run) { return fmt::format("{}{:010}", FinishPrefix(job), run); }

std::string LedgerHeadKey(std::string_view job) { return JobPrefix(job) + "ledger"; }

std::string LedgerVersionsPrefix(std::string_view job) { return JobPrefix(job) + "ledger_versions/"; }

std::string LedgerVersionKey(std::string_view job, int64_t version) {
  return fmt::format("{}{:010}", LedgerVersionsPrefix(job), version);
}

std::string SnapshotRecordsPrefix(std::string_view job) { return JobPrefix(job) + "snapshots/"; }

std::string SnapshotRecordKey(std::string_view job, int64_t number) {
  return fmt::format("{}{:010}", SnapshotRecordsPrefix(job), number);
}

std::string CurrentKey(std::string_view job) { return JobPrefix(job) + "current"; }

std::string RunFolder(std::string_view job, int64_t run) { return fmt::format("{}runs/{}", JobPrefix(job), run); }

std::string StagePlanObject(std::string_view job, int64_t run, Stage stage, uint64_t checksum) {
  return fmt::format("{}/{}/plan-{}", RunFolder(job, run), Name(stage), Hex(checksum));
}

std::string TaskObject(std::string_view job, int64_t run, Stage stage, uint32_t index, std::string_view kind,
                       uint64_t checksum) {
  return fmt::format("{}/{}/{:05}-{}.{}", RunFolder(job, run), Name(stage), index, Hex(checksum), kind);
}

std::string BlobObject(std::string_view job, int64_t run, uint64_t checksum) {
  return fmt::format("{}/blobs/{}", RunFolder(job, run), Hex(checksum));
}

std::string PartialObject(std::string_view job, int64_t run, uint64_t checksum) {
  return fmt::format("{}/blobs/partial-{}", RunFolder(job, run), Hex(checksum));
}

std::string CheckpointObject(std::string_view job, int64_t run, uint32_t first_round, uint64_t checksum) {
  return fmt::format("{}/{}/rounds-{:06}-{}", RunFolder(job, run), Name(Stage::kFit), first_round, Hex(checksum));
}

std::string LedgerFolder(std::string_view job) { return JobPrefix(job) + "ledger"; }

std::string SegmentObject(std::string_view job, uint32_t shard, uint64_t checksum) {
  return fmt::format("{}/segments/{:05}-{}.arrow", LedgerFolder(job), shard, Hex(checksum));
}

std::string TableSegmentObject(std::string_view job, TableId table, uint32_t shard, uint64_t checksum) {
  return fmt::format("{}/tables/{}/{:05}-{}.arrow", LedgerFolder(job), SchemaOf(table).name, shard, Hex(checksum));
}

std::string RegistryObject(std::string_view job, uint64_t checksum) {
  return fmt::format("{}/registry-{}", LedgerFolder(job), Hex(checksum));
}

std::string AliasesObject(std::string_view job, uint64_t checksum) {
  return fmt::format("{}/aliases-{}", LedgerFolder(job), Hex(checksum));
}

std::string FxUsesObject(std::string_view job, uint64_t checksum) {
  return fmt::format("{}/fx-{}", LedgerFolder(job), Hex(checksum));
}

std::string QuarantineObject(std::string_view job, int64_t run, int32_t file_number, uint64_t checksum) {
  return fmt::format("{}/quarantine/{:05}-{}.csv", RunFolder(job, run), file_number, Hex(checksum));
}

std::string SnapshotObject(std::string_view job, int64_t number, std::string_view logical_name, uint64_t checksum) {
  const size_t dot = logical_name.rfind('.');
  return fmt::format("{}snapshots/{}/{}-{}{}", JobPrefix(job), number, logical_name.substr(0, dot), Hex(checksum),
                     dot == std::string_view::npos ? std::string_view() : logical_name.substr(dot));
}

std::string CurrentObjectsPrefix(std::string_view job) { return JobPrefix(job) + "current/"; }

std::string CurrentObject(std::string_view job, int64_t generation) {
  return fmt::format("{}{:010}", CurrentObjectsPrefix(job), generation);
}

std::optional<int64_t> GenerationOf(std::string_view job, std::string_view key) {
  const std::string prefix = CurrentObjectsPrefix(job);
  if (!key.starts_with(prefix)) return std::nullopt;
  int64_t generation = 0;
  std::from_chars(key.data() + prefix.size(), key.data() + key.size(), generation);
  if (generation < 1 || CurrentObject(job, generation) != key) return std::nullopt;
  return generation;
}

}  // namespace strata
