// The night's first part: which files a source names, which of them the ledger knows, and how the new ones are split.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "data/source/ingest.h"
#include "run/job_file.h"
#include "run/stage_plan.h"

namespace strata {

absl::Status Night::LoadLedger() {
  STRATA_ASSIGN_OR_RETURN(auto head, ReadLedgerHead(*seams_.metadata, request_.job.name));
  if (!head.has_value()) return absl::OkStatus();
  head_revision_ = head->revision;
  bool has_parent = true;
  if (sources_pin_.has_value()) STRATA_RETURN_IF_ERROR(GoBackToParent(&*head, &has_parent));
  if (!has_parent) return absl::OkStatus();
  head_ = std::move(head->version);
  if (rebuild_) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(CheckFingerprint(*head_));
  STRATA_ASSIGN_OR_RETURN(registry_, ReadRegistry(*seams_.objects, *head_));
  return CheckDigest(*head_, registry_);
}

absl::Status Night::CheckFingerprint(const LedgerVersion& head) const {
  const std::vector<std::string> differences =
      FingerprintDifferences(head.fingerprint, FingerprintBeside(head, request_.job));
  if (differences.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "LEDGER_FINGERPRINT",
      fmt::format("job {} does not fit its ledger (version {}): {}. Put the job back, or build the ledger anew "
                  "from the sources with --rebuild-ledger",
                  request_.job.name, head.version, fmt::join(differences, "; ")),
      {{"job", request_.job.name}, {"fields", fmt::format("{}", fmt::join(differences, "; "))}});
}

absl::Status Night::NoticeVanished(const std::vector<FileInfo>& files) {
  std::set<std::string> present;
  for (const FileInfo& file : files) present.insert(file.path);
  std::vector<std::string> vanished;
  for (const RegisteredFile& file : registry_.files) {
    if (present.contains(file.path)) continue;
    vanished.push_back(file.path);
    vanished_.insert(file.number);
  }
  if (vanished.empty()) return absl::OkStatus();
  switch (request_.job.transactions.on_vanished) {
    case OnVanished::kKeep:
      Warn(fmt::format("{} file(s) of the ledger are gone from the source, their rows are kept; the first: {}",
                       vanished.size(), vanished.front()));
      return absl::OkStatus();
    case OnVanished::kError:
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "FILE_VANISHED",
          fmt::format("{} file(s) of the ledger are gone from the source and on_vanished is error; the first: {}",
                      vanished.size(), vanished.front()),
          {{"file", vanished.front()}});
    case OnVanished::kRemove:
      removing_ = vanished_;
      Warn(fmt::format("{} file(s) are gone from the source, their rows no longer count; the first: {}",
                       vanished.size(), vanished.front()));
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

void Night::IndexRegistry() {
  by_path_.clear();
  by_checksum_.clear();
  for (size_t i = 0; i < registry_.files.size(); ++i) {
    by_path_[registry_.files[i].path] = i;
    if (registry_.files[i].same_as < 0) by_checksum_.emplace(registry_.files[i].checksum, i);
  }
}

absl::StatusOr<RunStep> Night::PlanScan() {
  STRATA_ASSIGN_OR_RETURN(const ListedSources listed, ListSourcesOnce());
  const std::vector<FileInfo>& files = listed.transactions;
  if (!rebuild_) STRATA_RETURN_IF_ERROR(NoticeVanished(files));
  IndexRegistry();
  const auto unchanged = [this](const FileInfo& file) {
    const auto found = by_path_.find(file.path);
    if (found == by_path_.end()) return false;
    const RegisteredFile& known = registry_.files[found->second];
    return known.size_bytes == file.size_bytes && known.modified_ns == file.modified_ns;
  };
  if (rebuild_) {
    registry_ = LedgerRegistry{};
    IndexRegistry();
  }
  to_scan_.clear();
  for (const FileInfo& file : files) {
    if (!unchanged(file) || request_.verify_sources) to_scan_.push_back(file);
  }
  if (to_scan_.empty() && !HasTables()) return AfterPlan({});
  StagePlan plan = NewPlan(Stage::kPlan);
  for (const FileInfo& file : to_scan_) plan.files.push_back({file.path, file.size_bytes, file.modified_ns});
  auto tasks = static_cast<uint32_t>(to_scan_.size());
  if (HasTables()) {
    PlanTables(listed, &plan);
    ++tasks;
  }
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kPlan, .tasks = tasks, .plan = std::move(ref)};
}

absl::StatusOr<RunStep> Night::AfterPlan(const std::vector<std::string>& results) {
  for (size_t i = 0; i < to_scan_.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(const ScanResult scan, ScanResult::Decode(results[i]));
    STRATA_RETURN_IF_ERROR(Recognise(to_scan_[i], scan));
  }
  if (HasTables()) STRATA_RETURN_IF_ERROR(TakeTables(results.back()));
  RemoveFiles();
  return PlanMap();
}

absl::Status Night::Recognise(const FileInfo& file, const ScanResult& scan) {
  if (const auto found = by_path_.find(file.path); found != by_path_.end()) {
    RegisteredFile& known = registry_.files[found->second];
    if (known.checksum == scan.checksum) {  // touched, not changed
      registry_changed_ |= known.modified_ns != scan.modified_ns;
      known.modified_ns = scan.modified_ns;
      return absl::OkStatus();
    }
    if (request_.job.transactions.on_changed != OnChanged::kReplace) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
          fmt::format("{} changed since it was read into the ledger (checksum {}, now {}); allowed are files that "
                      "stay as they are, or on_changed: replace",
                      file.path, Hex(known.checksum), Hex(scan.checksum)),
          {{"file", file.path}});
    }
    Warn(fmt::format("{} was replaced: its old rows no longer count", file.path));
    removing_.insert(known.number);
  }
  RegisterNew(file, scan);
  return absl::OkStatus();
}

void Night::RegisterNew(const FileInfo& file, const ScanResult& scan) {
  RegisteredFile entry{.number = registry_.next_file_number++,
                       .path = file.path,
                       .size_bytes = scan.size_bytes,
                       .modified_ns = scan.modified_ns,
                       .checksum = scan.checksum,
                       .same_as = -1,
                       .counts = {}};
  registry_changed_ = true;
  const size_t index = registry_.files.size();
  by_path_[entry.path] = index;
  if (const auto found = by_checksum_.find(scan.checksum); found != by_checksum_.end()) {
    const RegisteredFile* same = &registry_.files[found->second];
    entry.same_as = same->number;
    entry.counts.read = entry.counts.skipped_known_file = scan.records;
    Warn(fmt::format("{} has the same bytes as {}: its {} rows are skipped", file.path, same->path, scan.records));
    summary_->rows_new.Add(entry.counts);
    registry_.files.push_back(std::move(entry));
    return;
  }
  by_checksum_.emplace(scan.checksum, index);
  registry_.files.push_back(entry);
  new_files_.push_back({std::move(entry), scan});
}

// Takes the files in removing_ out of the registry. Where the source has another file with the same bytes (a copy, or
// the same one under a new name), that takes over number and rows; else the rows no longer count.
void Night::RemoveFiles() {
  if (removing_.empty()) return;
  registry_changed_ = true;
  std::map<int32_t, int32_t> heirs;  // the first file with the same bytes, by the number of the one whose rows count
  for (const RegisteredFile& file : registry_.files) {
    const bool stays = !removing_.contains(file.number) && !vanished_.contains(file.number);
    if (stays && file.same_as >= 0) heirs.emplace(file.same_as, file.number);
  }
  std::map<int32_t, RegisteredFile> inherited;  // what an heir takes over, by the heir's number
  std::set<int32_t> without_heir;
  for (const RegisteredFile& file : registry_.files) {
    if (!removing_.contains(file.number) || file.same_as >= 0) continue;
    if (const auto heir = heirs.find(file.number); heir != heirs.end()) {
      inherited.emplace(heir->second, file);
      continue;
    }
    without_heir.insert(file.number);
    if (file.counts.accepted + file.counts.duplicates == 0) continue;
    registry_.removed_files.push_back({.number = file.number, .version = NextVersion()});
    rows_removed_ = true;
  }
  std::vector<RegisteredFile> left;
  for (RegisteredFile& file : registry_.files) {
    if (removing_.contains(file.number)) continue;
    if (without_heir.contains(file.same_as)) continue;  // a copy that is gone too and has no rows of its own to keep
    if (const auto from = inherited.find(file.number); from != inherited.end()) {
      file.number = from->second.number;
      file.same_as = -1;
      file.counts = from->second.counts;
    }
    left.push_back(std::move(file));
  }
  std::sort(left.begin(), left.end(),
            [](const RegisteredFile& a, const RegisteredFile& b) { return a.number < b.number; });
  registry_.files = std::move(left);
}

absl::StatusOr<RunStep> Night::PlanMap() {
  for (const NewFile& added : new_files_) {
    for (const ScannedSplit& split : added.scan.splits) {
      splits_.push_back({.path = added.file.path,
                         .size_bytes = added.scan.size_bytes,
                         .modified_ns = added.scan.modified_ns,
                         .checksum = added.scan.checksum,
                         .begin = split.begin,
                         .end = split.end,
                         .first_line = split.first_line,
                         .file_number = added.file.number,
                         .records = split.records,
                         .bytes = split.bytes});
    }
  }
  if (splits_.empty() && tables_.leaving.empty()) return AfterMap({});
  StagePlan plan = NewPlan(Stage::kMap);
  plan.splits = splits_;
  PlanMoves(&plan);
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  const auto tasks = static_cast<uint32_t>(plan.splits.size() + plan.leaving.size());
  return RunStage{.stage = Stage::kMap, .tasks = tasks, .plan = std::move(ref)};
}

}  // namespace strata
