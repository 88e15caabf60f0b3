// The files of one table, from night to night: which of those that the source lists are new, touched, changed, copies
// of others or gone, and what the books say of each. It decides and counts; whoever uses it reads the source and has
// the rows mapped. Pure and not thread-safe.
//
// A night goes through it in the order of the methods: Compare, Take for each file to scan, Settle, then the counts
// that map and ledger stage found. The same calls give the same books, which is what a resumed run relies on.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/job.h"
#include "run/ledger_version.h"
#include "run/task_results.h"
#include "store/file_system.h"

namespace strata {

class TableFilesBook {
 public:
  struct NewFile {
    int32_t number = 0;
    std::string path;
    ScanResult scan;
  };

  // Which table, what the job says of its files, and those that the ledger has, ascending by number.
  TableFilesBook(TableId table, OnVanished on_vanished, OnChanged on_changed, std::vector<RegisteredFile> files);

  TableId table() const { return table_; }

  // The source as it is now. FAILED_PRECONDITION (FILE_VANISHED) where a file is gone that must not be.
  absl::Status Compare(const std::vector<FileInfo>& listed, bool scan_all);
  const std::vector<FileInfo>& to_scan() const { return to_scan_; }  // new, or of another size or time

  // What the scan of one of these found. A file that is new gets `*next_number`, which is counted up.
  // FAILED_PRECONDITION (FILE_CHANGED) where a file has other bytes than the ledger read and must not.
  absl::Status Take(const FileInfo& file, const ScanResult& scan, int32_t* next_number);

  // Takes files out that were replaced or are gone; ascending, those whose rows no longer count. Where the source has
  // another file with the same bytes (a copy, or the same one under a new name), that takes over number and rows.
  std::vector<int32_t> Settle();

  const std::vector<RegisteredFile>& files() const { return files_; }   // by number
  const std::vector<NewFile>& new_files() const { return new_files_; }  // whose rows are to be mapped
  bool changed() const { return changed_; }                             // whether files() is not what the ledger has
  std::vector<std::string> TakeWarnings() { return std::exchange(warnings_, {}); }

  // Of one split of a new file. INTERNAL (ACCOUNTING) when the classes do not add up.
  absl::Status AddMapped(int32_t number, const RowCounts& counts,
                         const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason);
  // INTERNAL (ACCOUNTING) unless every record that a scan found was read.
  absl::Status CheckRead() const;
  // Rows that counted in the ledger as it was, by file; none of new files.
  std::map<int32_t, int64_t> AcceptedBefore() const;
  // Which of several rows with one key counts can change with every file that comes or goes: what was mapped beyond
  // these are duplicates. INTERNAL (ACCOUNTING) unless they are `rows` in all.
  absl::Status SetAccepted(const std::map<int32_t, int64_t>& rows_by_file, int64_t rows);

  // Of this night's files: new ones, and copies of others, whose rows are skipped.
  RowCounts NewRows() const;
  std::map<std::string, int64_t> NewRejects() const;
  RowCounts AllRows() const;

 private:
  bool IsUnchanged(const FileInfo& file) const;
  absl::Status NoticeVanished(const std::vector<FileInfo>& listed);
  void Register(const FileInfo& file, const ScanResult& scan, int32_t* next_number);
  // Those that take over from one that goes, by its number.
  std::map<int32_t, int32_t> Heirs() const;
  RegisteredFile& At(int32_t number);

  TableId table_;
  OnVanished on_vanished_;
  OnChanged on_changed_;
  std::vector<RegisteredFile> files_;
  std::map<std::string, size_t> by_path_;   // indexes into files_, until Settle
  std::map<uint64_t, size_t> by_checksum_;  // likewise, of files whose own rows count
  std::set<int32_t> vanished_;              // numbers of files that are gone from the source
  std::set<int32_t> removing_;              // numbers of files that this night takes out
  std::vector<FileInfo> to_scan_;
  std::vector<NewFile> new_files_;
  int64_t skipped_ = 0;  // rows of copies
  bool changed_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace strata
