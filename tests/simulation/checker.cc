#include "tests/simulation/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "data/snapshot/snapshot.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/ledger_version.h"
#include "run/snapshot_record.h"
#include "tests/simulation/excuses.h"
#include "tests/simulation/sim_coordinator.h"

namespace strata::simulation {
namespace {

std::string PathOf(const std::string& key) { return fmt::format("{}/{}", kObjectsRoot, key); }

int NightOf(Day as_of) {
  for (int night = 1; night <= static_cast<int>(SourceFiles().size()); ++night) {
    if (RequestOf(night, false).as_of == as_of) return night;
  }
  return 0;
}

}  // namespace

void Checker::OnCommit(const CommitRequest& request) {
  if (request.token == 0) Fail("a commit without a token");
  if (request.token != server_->token())
    Fail(fmt::format("token {} acts while {} leads", request.token, server_->token()));
  const std::string snapshots = SnapshotRecordsPrefix(kJob), runs = RunsPrefix(kJob);
  std::vector<Put> puts = request.puts;
  // The ledger and snapshots before those who point to them.
  std::stable_sort(puts.begin(), puts.end(), [&](const Put& a, const Put& b) {
    const auto rank = [&](const Put& put) {
      return put.key.starts_with(snapshots) ? 0 : put.key.starts_with(runs) ? 2 : 1;
    };
    return rank(a) < rank(b);
  });
  for (const Put& put : puts) {
    if (put.key.starts_with(snapshots)) {
      const auto [known, fresh] = snapshots_.emplace(put.key, put.value);
      if (!fresh && known->second != put.value) Fail(fmt::format("{} has changed", put.key));
      if (fresh) CheckSnapshot(put.value);
    }
    if (put.key == CurrentKey(kJob)) CheckCurrent(put.value);
    if (put.key == LedgerHeadKey(kJob)) CheckLedger(put.value);
    if (put.key.starts_with(runs)) CheckRun(put.value);
  }
  const std::string versions = LedgerVersionsPrefix(kJob);
  for (const std::string& key : request.deletes) {
    if (key.starts_with(snapshots)) CheckSnapshotRemoved(key);
    if (key.starts_with(runs)) CheckRunRemoved(std::stoll(key.substr(runs.size())));
    if (key.starts_with(versions)) CheckCollected(std::stoll(key.substr(versions.size())));
  }
  if (std::any_of(request.puts.begin(), request.puts.end(),
                  [](const Put& put) { return put.key.find("/fit-") != std::string::npos; })) {
    world_->Count("checkpoints of a fit");
  }
}

void Checker::AfterEvent() {
  disk_->CheckTouched();
  if (revision_ == server_->revision()) return;
  revision_ = server_->revision();
  const auto& entries = server_->entries();
  for (const auto& [key, value] : snapshots_) {
    const auto found = entries.find(key);
    if (found == entries.end() || found->second.value != value) Fail(fmt::format("{} has vanished", key));
  }
  const auto current = entries.find(CurrentKey(kJob));
  if (generation_ > 0 &&
      (current == entries.end() || current->second.value != pointers_[PathOf(CurrentObject(kJob, generation_))])) {
    Fail("the current pointer is not what was switched to");
  }
}

// Readers without metadata follow these objects: one may only say what was committed.
void Checker::OnObject(const std::string& path, const std::string& bytes) {
  if (!path.starts_with(PathOf(JobPrefix(kJob) + "current/"))) return;
  const auto found = pointers_.find(path);
  if (found == pointers_.end() || found->second != bytes) Fail(fmt::format("{} says what was never committed", path));
  world_->Count("pointers for replicas");
}

const std::string* Checker::Keep(const std::string& key, uint64_t checksum) {
  const std::string path = PathOf(key);
  const auto found = disk_->visible().find(path);
  if (found == disk_->visible().end()) {
    Fail(fmt::format("{} is missing", key));
    return nullptr;
  }
  if (Hash64(*found->second.bytes) != checksum) Fail(fmt::format("{} is damaged", key));
  if (!disk_->IsDurable(path)) Fail(fmt::format("{} is not durable", key));
  disk_->Protect(path);
  return found->second.bytes.get();
}

void Checker::CheckSnapshot(const std::string& value) {
  const auto record = SnapshotRecord::FromJson(value);
  if (!record.ok()) return Fail("a snapshot's record cannot be read");
  const std::string* bytes = Keep(ManifestKey(kJob, record->number), record->manifest_checksum);
  if (bytes == nullptr) return;
  const auto manifest = DecodeManifest(*bytes);
  if (!manifest.ok()) return Fail(std::string(StdView(manifest.status().message())));
  const std::string folder = SnapshotFolder(kJob, record->number) + "/";
  for (const ManifestEntry& entry : manifest->entries) {
    Keep(entry.key, entry.checksum);
    if (!entry.key.starts_with(folder))
      Fail(fmt::format("{} of snapshot {} is not its own", entry.key, record->number));
  }
  if (Hex(SnapshotDigest(*manifest)) != record->digest) Fail("a snapshot's digest is not that of its parts");
  world_->Count("snapshots published");
  if (truths_ == nullptr) return;
  const int files = files_by_version_[record->ledger_version];
  Lineage& lineage = lineages_[record->number] = lineages_[record->follows];
  lineage.emplace_back(NightOf(record->as_of), files);
  const auto truth = truths_->find(lineage);
  if (truth == truths_->end()) return Fail("a snapshot of nights and files that there are not");
  if (record->digest != truth->second.digest) {
    Fail(fmt::format("snapshot {} of night {} over {} files differs from that of an undisturbed run", record->number,
                     NightOf(record->as_of), files));
  }
  if (record->customers != truth->second.customers) Fail("a snapshot's customers are miscounted");
}

void Checker::CheckCurrent(const std::string& value) {
  const auto pointer = CurrentPointer::FromJson(value);
  if (!pointer.ok()) return Fail("the current pointer cannot be read");
  if (pointer->generation != generation_ + 1) {
    Fail(fmt::format("generation {} follows {}", pointer->generation, generation_));
  }
  generation_ = pointer->generation;
  current_ = pointer->snapshot;
  pointers_[PathOf(CurrentObject(kJob, generation_))] = value;
  if (!snapshots_.contains(SnapshotRecordKey(kJob, pointer->snapshot)))
    Fail("the current snapshot was never published");
}

void Checker::CheckLedger(const std::string& value) {
  const int64_t number = std::stoll(value);
  if (number != ledger_version_ + 1) Fail(fmt::format("ledger version {} follows {}", number, ledger_version_));
  ledger_version_ = number;
  const auto found = server_->entries().find(LedgerVersionKey(kJob, number));
  if (found == server_->entries().end()) return Fail("a ledger version without its record");
  const auto version = LedgerVersion::FromJson(found->second.value);
  if (!version.ok()) return Fail("a ledger version cannot be read");
  const std::string* bytes = Keep(version->registry.key, version->registry.checksum);
  if (bytes == nullptr) return;
  const auto registry = LedgerRegistry::Decode(*bytes);
  if (!registry.ok()) return Fail("a ledger's registry cannot be read");
  std::set<std::string>& paths = paths_by_version_[number];
  paths.insert(PathOf(version->registry.key));
  for (const auto& shard : registry->segments) {
    for (const RegisteredSegment& segment : shard) {
      Keep(segment.object.key, segment.object.checksum);
      paths.insert(PathOf(segment.object.key));
    }
  }
  int64_t rows = 0;
  for (size_t i = 0; i < registry->files.size(); ++i) {
    if (registry->files[i].path != SourceFiles()[i].path) Fail("a ledger lacks a night, or has one twice");
    rows += SourceFiles()[i].rows;
  }
  if (rows != registry->rows)
    Fail(fmt::format("a ledger of {} rows instead of {}: half a night", registry->rows, rows));
  const int files = static_cast<int>(registry->files.size());
  if (files <= files_by_version_[number - 1]) Fail("a ledger version brings nothing");
  files_by_version_[number] = files;
  run_of_version_[number] = version->run;
  world_->Count("ledger versions");
  if (truths_ != nullptr && version->digest != truths_->at({{1, files}}).ledger_digest)
    Fail("a ledger's digest differs");
}

void Checker::CheckSnapshotRemoved(const std::string& key) {
  const auto found = snapshots_.find(key);
  if (found == snapshots_.end()) return Fail(fmt::format("{} was removed and never published", key));
  const int64_t number = SnapshotRecord::FromJson(found->second)->number;
  if (!world_->options().retention) Fail(fmt::format("snapshot {} was removed though the job keeps it", number));
  const auto newest = SnapshotRecord::FromJson(snapshots_.rbegin()->second);
  const auto current = snapshots_.find(SnapshotRecordKey(kJob, current_));
  std::set<int64_t> in_use = {newest->number, newest->follows, current_};
  if (current != snapshots_.end()) in_use.insert(SnapshotRecord::FromJson(current->second)->follows);
  const auto& entries = server_->entries();
  if (const auto active = entries.find(ActiveRunKey(kJob)); active != entries.end()) {
    const auto run = entries.find(RunKey(kJob, std::stoll(active->second.value)));
    if (run != entries.end()) in_use.insert(RunSummary::FromJson(run->second.value)->follows);
  }
  if (in_use.contains(number)) Fail(fmt::format("snapshot {} was removed and is in use", number));
  snapshots_.erase(found);
  disk_->UnprotectBelow(PathOf(SnapshotFolder(kJob, number) + "/"));
  world_->Count("snapshots removed by retention");
}

void Checker::CheckRunRemoved(int64_t run) {
  if (!world_->options().retention) Fail(fmt::format("the record of run {} was removed though the job keeps it", run));
  if (!ended_.contains(run)) Fail(fmt::format("the record of run {} was removed before its end", run));
  if (snapshots_.contains(SnapshotRecordKey(kJob, run)))
    Fail(fmt::format("the record of run {} was removed though its snapshot stays", run));
  world_->Count("records of runs removed by retention");
}

void Checker::CheckCollected(int64_t version) {
  if (version == ledger_version_)
    return Fail(fmt::format("ledger version {} is the newest, and was collected", version));
  for (const auto& [key, value] : snapshots_) {
    const auto record = SnapshotRecord::FromJson(value);
    if (record.ok() && record->ledger_version == version)
      Fail(fmt::format("the ledger version of {} was collected", key));
  }
  const std::set<std::string> paths = std::move(paths_by_version_[version]);
  paths_by_version_.erase(version);
  for (const std::string& path : paths) {
    const bool referred = std::any_of(paths_by_version_.begin(), paths_by_version_.end(),
                                      [&](const auto& other) { return other.second.contains(path); });
    if (!referred) disk_->Unprotect(path);
  }
  world_->Count("ledger versions collected");
}

void Checker::CheckRun(const std::string& value) {
  const auto summary = RunSummary::FromJson(value);
  if (!summary.ok()) return Fail("a run's record cannot be read");
  if (summary->state == RunState::kRunning) {
    begun_ms_.emplace(summary->run, world_->now_ms());
    if (ended_.contains(summary->run)) Fail(fmt::format("run {} runs again after its end", summary->run));
    return;
  }
  if (!ended_.insert(summary->run).second) Fail(fmt::format("run {} ends twice", summary->run));
  const bool published = snapshots_.contains(SnapshotRecordKey(kJob, summary->run));
  if ((summary->state == RunState::kSucceeded) != published) {
    return Fail(fmt::format("run {} has {} and {} a snapshot", summary->run, Name(summary->state),
                            published ? "has" : "lacks"));
  }
  if (!published) {
    world_->Count(fmt::format("runs that failed: {}", summary->error_reason));
    const int64_t begun_ms = begun_ms_.at(summary->run);
    if (!MayFail(summary->error_reason, begun_ms, *world_)) {
      Fail(fmt::format("run {}, begun at {} ms, failed: {}: {}", summary->run, begun_ms, summary->error_reason,
                       summary->error_message));
    }
    return;
  }
  world_->Count(summary->resumed > 0 ? "runs that succeeded after being resumed" : "runs that succeeded");
  if (truths_ == nullptr) return;
  const int files = files_by_version_[summary->ledger_version];
  int64_t rows = 0, rows_new = 0;
  const bool own = run_of_version_[summary->ledger_version] == summary->run;
  const int files_before = own ? files_by_version_[summary->ledger_version - 1] : files;
  for (int i = 0; i < files; ++i) {
    rows += SourceFiles()[static_cast<size_t>(i)].rows;
    if (i >= files_before) rows_new += SourceFiles()[static_cast<size_t>(i)].rows;
  }
  if (summary->rows.read != rows)
    Fail(fmt::format("run {} says {} rows, there are {}", summary->run, summary->rows.read, rows));
  if (summary->rows_new.read != rows_new) {
    Fail(fmt::format("run {} says {} new rows, there are {}", summary->run, summary->rows_new.read, rows_new));
  }
}

std::string Checker::Left() const {
  for (const auto& [key, entry] : server_->entries()) {
    if (key.starts_with(RunStatePrefix(kJob)) || key.starts_with(JobPrefix(kJob) + "tasks/")) return key + " is left";
  }
  const std::string snapshots = PathOf(JobPrefix(kJob) + "snapshots/");
  for (const auto& [path, file] : disk_->visible()) {
    if (path.starts_with(PathOf(JobPrefix(kJob) + "runs/"))) return path + " is left";
    if (!path.starts_with(snapshots)) continue;
    const int64_t number = std::stoll(path.substr(snapshots.size()));
    if (!snapshots_.contains(SnapshotRecordKey(kJob, number))) return path + " is of no snapshot";
  }
  // Where the disk failed as it was written, an operator is told; else it is there, if only the next lead wrote it.
  for (const auto& [path, pointer] : pointers_) {
    if (world_->options().disk_error == 0 && !disk_->visible().contains(path)) return path + " was never written";
  }
  return "";
}

std::optional<Truth> Checker::Published(int night) const {
  std::optional<Truth> found;
  for (const auto& [key, value] : snapshots_) {
    const auto record = SnapshotRecord::FromJson(value);
    if (!record.ok() || NightOf(record->as_of) != night) continue;
    const auto version =
        LedgerVersion::FromJson(server_->entries().at(LedgerVersionKey(kJob, record->ledger_version)).value);
    found = Truth{.digest = record->digest, .ledger_digest = version->digest, .customers = record->customers};
  }
  return found;
}

}  // namespace strata::simulation
