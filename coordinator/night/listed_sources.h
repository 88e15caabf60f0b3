// All files that the sources of a job name, as they were at one time. Plain values; the functions are thread-safe as
// far as the file system is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "run/table_schema.h"
#include "store/file_system.h"

namespace strata {

struct ListedSources {
  std::map<TableId, std::vector<FileInfo>> tables;  // transactions, and those of the job beside them
  std::vector<FileInfo> aliases;                    // merged identities; none where the job has no such table
  std::vector<FileInfo> fx;                         // rates; likewise

  std::vector<FileInfo> Of(TableId table) const;  // none: the job has no such table
};

// Errors are those of ListSource (data/source/ingest.h).
absl::StatusOr<ListedSources> ListSources(FileSystem& sources, const Job& job, const std::string& job_folder);

// Whether paths, sizes and times are the same.
bool AreEqual(const ListedSources& a, const ListedSources& b);

std::vector<PlannedFile> Planned(const std::vector<FileInfo>& files, TableId table = TableId::kTransactions);
std::vector<FileInfo> Infos(const std::vector<PlannedFile>& files);

}  // namespace strata
