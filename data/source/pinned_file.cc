#include "data/source/pinned_file.h"

#include <fmt/format.h>

namespace strata {

absl::Status CheckUnchanged(FileSystem& file_system, const std::string& path, uint64_t size_bytes,
                            int64_t modified_ns) {
  STRATA_ASSIGN_OR_RETURN(const FileInfo now, file_system.Stat(path));
  if (now.size_bytes == size_bytes && now.modified_ns == modified_ns) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
      fmt::format("{}: found {} bytes, modified at {} ns; planned with {} bytes, modified at {} ns; a file "
                  "must not change while a run reads it",
                  path, now.size_bytes, now.modified_ns, size_bytes, modified_ns),
      {{"file", path}});
}

absl::StatusOr<std::shared_ptr<const FileView>> MapUnchanged(FileSystem& file_system, const std::string& path,
                                                             uint64_t size_bytes, int64_t modified_ns) {
  STRATA_RETURN_IF_ERROR(CheckUnchanged(file_system, path, size_bytes, modified_ns));
  STRATA_ASSIGN_OR_RETURN(std::shared_ptr<const FileView> view, file_system.Map(path));
  if (view->bytes().size() != size_bytes) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
                     fmt::format("{}: mapped {} bytes; planned with {}", path, view->bytes().size(), size_bytes),
                     {{"file", path}});
  }
  return view;
}

}  // namespace strata
