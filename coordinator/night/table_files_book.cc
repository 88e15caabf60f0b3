#include "coordinator/night/table_files_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace strata {
namespace {

absl::Status Accounting(const std::string& what) { return MakeError(absl::StatusCode::kInternal, "ACCOUNTING", what); }

}  // namespace

TableFilesBook::TableFilesBook(TableId table, OnVanished on_vanished, OnChanged on_changed,
                               std::vector<RegisteredFile> files)
    : table_(table), on_vanished_(on_vanished), on_changed_(on_changed), files_(std::move(files)) {
  for (size_t i = 0; i < files_.size(); ++i) {
    by_path_[files_[i].path] = i;
    if (files_[i].same_as < 0) by_checksum_.emplace(files_[i].checksum, i);
  }
}

absl::Status TableFilesBook::Compare(const std::vector<FileInfo>& listed, bool scan_all) {
  STRATA_RETURN_IF_ERROR(NoticeVanished(listed));
  for (const FileInfo& file : listed) {
    if (scan_all || !IsUnchanged(file)) to_scan_.push_back(file);
  }
  return absl::OkStatus();
}

bool TableFilesBook::IsUnchanged(const FileInfo& file) const {
  const auto found = by_path_.find(file.path);
  if (found == by_path_.end()) return false;
  const RegisteredFile& known = files_[found->second];
  return known.size_bytes == file.size_bytes && known.modified_ns == file.modified_ns;
}

absl::Status TableFilesBook::NoticeVanished(const std::vector<FileInfo>& listed) {
  std::set<std::string> present;
  for (const FileInfo& file : listed) present.insert(file.path);
  std::vector<std::string> vanished;
  for (const RegisteredFile& file : files_) {
    if (present.contains(file.path)) continue;
    vanished.push_back(file.path);
    vanished_.insert(file.number);
  }
  if (vanished.empty()) return absl::OkStatus();
  switch (on_vanished_) {
    case OnVanished::kKeep:
      warnings_.push_back(
          fmt::format("{} file(s) of the ledger are gone from the source, their rows are kept; the first: {}",
                      vanished.size(), vanished.front()));
      break;
    case OnVanished::kError:
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "FILE_VANISHED",
          fmt::format("{} file(s) of the ledger are gone from the source and on_vanished is error; the first: {}",
                      vanished.size(), vanished.front()),
          {{"file", vanished.front()}});
    case OnVanished::kRemove:
      removing_ = vanished_;
      warnings_.push_back(fmt::format("{} file(s) are gone from the source, their rows no longer count; the first: {}",
                                      vanished.size(), vanished.front()));
      break;
  }
  return absl::OkStatus();
}

absl::Status TableFilesBook::Take(const FileInfo& file, const ScanResult& scan, int32_t* next_number) {
  if (const auto found = by_path_.find(file.path); found != by_path_.end()) {
    RegisteredFile& known = files_[found->second];
    if (known.checksum == scan.checksum) {  // touched, not changed
      changed_ |= known.modified_ns != scan.modified_ns;
      known.modified_ns = scan.modified_ns;
      return absl::OkStatus();
    }
    if (on_changed_ != OnChanged::kReplace) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
          fmt::format("{} changed since it was read into the ledger (checksum {}, now {}); allowed are files that "
                      "stay as they are, or on_changed: replace",
                      file.path, Hex(known.checksum), Hex(scan.checksum)),
          {{"file", file.path}});
    }
    warnings_.push_back(fmt::format("{} was replaced: its old rows no longer count", file.path));
    removing_.insert(known.number);
  }
  Register(file, scan, next_number);
  return absl::OkStatus();
}

void TableFilesBook::Register(const FileInfo& file, const ScanResult& scan, int32_t* next_number) {
  RegisteredFile entry;
  entry.number = (*next_number)++;
  entry.path = file.path;
  entry.size_bytes = scan.size_bytes;
  entry.modified_ns = scan.modified_ns;
  entry.checksum = scan.checksum;
  entry.table = table_;
  changed_ = true;
  const size_t index = files_.size();
  by_path_[entry.path] = index;
  if (const auto [same, is_first] = by_checksum_.emplace(scan.checksum, index); !is_first) {
    entry.same_as = files_[same->second].number;
    entry.counts.read = entry.counts.skipped_known_file = scan.records;
    skipped_ += scan.records;
    warnings_.push_back(fmt::format("{} has the same bytes as {}: its {} rows are skipped", file.path,
                                    files_[same->second].path, scan.records));
  } else {
    new_files_.push_back({.number = entry.number, .path = entry.path, .scan = scan});
  }
  files_.push_back(std::move(entry));
}

std::map<int32_t, int32_t> TableFilesBook::Heirs() const {
  std::map<int32_t, int32_t> heirs;
  for (const RegisteredFile& file : files_) {
    const bool stays = !removing_.contains(file.number) && !vanished_.contains(file.number);
    if (stays && file.same_as >= 0) heirs.emplace(file.same_as, file.number);
  }
  return heirs;
}

std::vector<int32_t> TableFilesBook::Settle() {
  std::vector<int32_t> without_rows;
  if (removing_.empty()) return without_rows;
  changed_ = true;
  const std::map<int32_t, int32_t> heirs = Heirs();
  std::map<int32_t, RegisteredFile> inherited;  // what an heir takes over, by the heir's number
  std::set<int32_t> without_heir;
  for (const RegisteredFile& file : files_) {
    if (!removing_.contains(file.number) || file.same_as >= 0) continue;
    if (const auto heir = heirs.find(file.number); heir != heirs.end()) {
      inherited.emplace(heir->second, file);
      continue;
    }
    without_heir.insert(file.number);
    if (file.counts.accepted + file.counts.duplicates > 0) without_rows.push_back(file.number);
  }
  std::vector<RegisteredFile> left;
  for (RegisteredFile& file : files_) {
    if (removing_.contains(file.number)) continue;
    if (without_heir.contains(file.same_as)) continue;  // a copy that is gone too and has no rows of its own to keep
    if (const auto from = inherited.find(file.number); from != inherited.end()) {
      file.number = from->second.number;
      file.same_as = -1;
      file.counts = from->second.counts;
      file.rejected_by_reason = from->second.rejected_by_reason;
    }
    left.push_back(std::move(file));
  }
  std::sort(left.begin(), left.end(),
            [](const RegisteredFile& a, const RegisteredFile& b) { return a.number < b.number; });
  files_ = std::move(left);
  return without_rows;
}

RegisteredFile& TableFilesBook::At(int32_t number) {
  return *std::lower_bound(files_.begin(), files_.end(), number,
                           [](const RegisteredFile& file, int32_t wanted) { return file.number < wanted; });
}

absl::Status TableFilesBook::AddMapped(int32_t number, const RowCounts& counts,
                                       const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason) {
  RegisteredFile& file = At(number);
  if (!counts.Balances()) {
    return Accounting(fmt::format("a split of {}: classes do not add up to the rows read", file.path));
  }
  file.counts.Add(counts);
  std::map<std::string, int64_t> reasons(file.rejected_by_reason.begin(), file.rejected_by_reason.end());
  for (const auto& [reason, count] : rejected_by_reason) reasons[reason] += count;
  file.rejected_by_reason.assign(reasons.begin(), reasons.end());
  return absl::OkStatus();
}

absl::Status TableFilesBook::CheckRead() const {
  std::map<int32_t, int64_t> read;
  for (const RegisteredFile& file : files_) read[file.number] = file.counts.read;
  for (const NewFile& added : new_files_) {
    if (read[added.number] == added.scan.records) continue;
    return Accounting(
        fmt::format("{}: {} records were found and {} were read", added.path, added.scan.records, read[added.number]));
  }
  return absl::OkStatus();
}

absl::Status TableFilesBook::SetAccepted(const std::map<int32_t, int64_t>& rows_by_file, int64_t rows) {
  int64_t accepted = 0;
  for (RegisteredFile& file : files_) {
    const int64_t mapped = file.counts.accepted + file.counts.duplicates;
    const auto found = rows_by_file.find(file.number);
    file.counts.accepted = found == rows_by_file.end() ? 0 : found->second;
    file.counts.duplicates = mapped - file.counts.accepted;
    accepted += file.counts.accepted;
  }
  if (accepted == rows) return absl::OkStatus();
  return Accounting(fmt::format("the files have {} accepted rows and the ledger holds {}", accepted, rows));
}

std::map<int32_t, int64_t> TableFilesBook::AcceptedBefore() const {
  std::map<int32_t, int64_t> accepted;
  for (const RegisteredFile& file : files_) accepted[file.number] = file.counts.accepted;
  for (const NewFile& added : new_files_) accepted[added.number] = 0;
  return accepted;
}

RowCounts TableFilesBook::NewRows() const {
  RowCounts rows;
  rows.read = rows.skipped_known_file = skipped_;
  std::set<int32_t> added;
  for (const NewFile& file : new_files_) added.insert(file.number);
  for (const RegisteredFile& file : files_) {
    if (added.contains(file.number)) rows.Add(file.counts);
  }
  return rows;
}

std::map<std::string, int64_t> TableFilesBook::NewRejects() const {
  std::set<int32_t> added;
  for (const NewFile& file : new_files_) added.insert(file.number);
  std::map<std::string, int64_t> rejects;
  for (const RegisteredFile& file : files_) {
    if (!added.contains(file.number)) continue;
    for (const auto& [reason, count] : file.rejected_by_reason) rejects[reason] += count;
  }
  return rejects;
}

RowCounts TableFilesBook::AllRows() const {
  RowCounts rows;
  for (const RegisteredFile& file : files_) rows.Add(file.counts);
  return rows;
}

}  // namespace strata
