#include "data/source/pinned_file.h"

#include <fmt/format.h>

#include <utility>

namespace strata {
namespace {

absl::Status CheckUnchanged(FileSystem& file_system, const FileInfo& planned) {
  STRATA_ASSIGN_OR_RETURN(const FileInfo now, file_system.Stat(planned.path));
  if (now.size_bytes == planned.size_bytes && now.modified_ns == planned.modified_ns) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
      fmt::format("{}: found {} bytes, modified at {} ns; planned with {} bytes, modified at {} ns; a file "
                  "must not change while a run reads it",
                  planned.path, now.size_bytes, now.modified_ns, planned.size_bytes, planned.modified_ns),
      {{"file", planned.path}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<const PinnedFile>> PinnedFile::Map(FileSystem& file_system, FileInfo planned) {
  STRATA_RETURN_IF_ERROR(CheckUnchanged(file_system, planned));
  STRATA_ASSIGN_OR_RETURN(std::shared_ptr<const FileView> view, file_system.Map(planned.path));
  if (view->bytes().size() != planned.size_bytes) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
        fmt::format("{}: mapped {} bytes; planned with {}", planned.path, view->bytes().size(), planned.size_bytes),
        {{"file", planned.path}});
  }
  return std::unique_ptr<const PinnedFile>(new PinnedFile(file_system, std::move(planned), std::move(view)));
}

absl::Status PinnedFile::IfUnchanged(const absl::Status& read) const {
  STRATA_RETURN_IF_ERROR(CheckUnchanged(file_system_, planned_));
  if (!guard_.hit()) return read;
  return MakeError(
      absl::StatusCode::kUnavailable, "SOURCE_UNREADABLE",
      fmt::format("{}: found bytes that its disk did not give; the file itself has not changed", planned_.path),
      {{"file", planned_.path}});
}

}  // namespace strata
