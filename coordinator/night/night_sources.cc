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
  for (const RegisteredFile& file : registry_.files) next_file_number_ = std::max(next_file_number_, file.number + 1);
  return absl::OkStatus();
}

absl::Status Night::CheckFingerprint(const LedgerVersion& head) const {
  const std::vector<std::string> differences =
      FingerprintDifferences(head.fingerprint, LedgerFingerprint(request_.job));
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
    if (!present.contains(file.path)) vanished.push_back(file.path);
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
      rebuild_ = true;
      Warn(fmt::format("{} file(s) are gone from the source: the ledger is built anew without them", vanished.size()));
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
  const TransactionSource& source = request_.job.transactions;
  STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, ListSourcesOnce());
  if (!rebuild_) STRATA_RETURN_IF_ERROR(NoticeVanished(files));
  IndexRegistry();
  const auto unchanged = [this](const FileInfo& file) {
    const auto found = by_path_.find(file.path);
    if (found == by_path_.end()) return false;
    const RegisteredFile& known = registry_.files[found->second];
    return known.size_bytes == file.size_bytes && known.modified_ns == file.modified_ns;
  };
  if (!rebuild_ && source.on_changed == OnChanged::kReplace) {
    const auto touched = std::find_if(files.begin(), files.end(), [&](const FileInfo& file) {
      return by_path_.contains(file.path) && !unchanged(file);
    });
    if (touched != files.end()) {
      rebuild_ = true;
      Warn(fmt::format("{} was touched or replaced: the ledger is built anew from the sources", touched->path));
    }
  }
  if (rebuild_) {
    registry_ = LedgerRegistry{};
    next_file_number_ = 1;
    IndexRegistry();
  }
  to_scan_.clear();
  for (const FileInfo& file : files) {
    if (!unchanged(file) || request_.verify_sources) to_scan_.push_back(file);
  }
  if (to_scan_.empty()) return AfterPlan({});
  StagePlan plan = NewPlan(Stage::kPlan);
  for (const FileInfo& file : to_scan_) plan.files.push_back({file.path, file.size_bytes, file.modified_ns});
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kPlan, .tasks = static_cast<uint32_t>(to_scan_.size()), .plan = std::move(ref)};
}

absl::StatusOr<RunStep> Night::AfterPlan(const std::vector<std::string>& results) {
  bool changed = false;
  for (size_t i = 0; i < results.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(const ScanResult scan, ScanResult::Decode(results[i]));
    STRATA_RETURN_IF_ERROR(Recognise(to_scan_[i], scan, &changed));
  }
  if (changed) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FILE_REPLACED",
                     "a file's content changed under an unchanged size and time: run once more with --rebuild-ledger, "
                     "which reads all sources anew");
  }
  return PlanMap();
}

absl::Status Night::Recognise(const FileInfo& file, const ScanResult& scan, bool* changed) {
  RegisteredFile entry{.number = next_file_number_,
                       .path = file.path,
                       .size_bytes = scan.size_bytes,
                       .modified_ns = scan.modified_ns,
                       .checksum = scan.checksum,
                       .same_as = -1,
                       .counts = {}};
  if (const auto found = by_path_.find(file.path); found != by_path_.end()) {
    RegisteredFile& known = registry_.files[found->second];
    if (known.checksum == scan.checksum) {  // touched, not changed
      registry_changed_ |= known.modified_ns != scan.modified_ns;
      known.modified_ns = scan.modified_ns;
      return absl::OkStatus();
    }
    if (request_.job.transactions.on_changed == OnChanged::kReplace) {
      *changed = true;
      return absl::OkStatus();
    }
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
        fmt::format("{} changed since it was read into the ledger (checksum {}, now {}); allowed are files that "
                    "stay as they are, or on_changed: replace",
                    file.path, Hex(known.checksum), Hex(scan.checksum)),
        {{"file", file.path}});
  }
  ++next_file_number_;
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
    return absl::OkStatus();
  }
  by_checksum_.emplace(scan.checksum, index);
  registry_.files.push_back(entry);
  new_files_.push_back({std::move(entry), scan});
  return absl::OkStatus();
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
                         .file_number = added.file.number});
    }
  }
  if (splits_.empty()) return AfterMap({});
  StagePlan plan = NewPlan(Stage::kMap);
  plan.splits = splits_;
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kMap, .tasks = static_cast<uint32_t>(splits_.size()), .plan = std::move(ref)};
}

}  // namespace strata
