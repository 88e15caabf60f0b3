// A source file that must be as it was when a run listed it, mapped for reading. Not thread-safe, but any number may
// read one file.
#pragma once

#include <memory>
#include <string_view>

#include "base/status.h"
#include "store/file_system.h"
#include "store/mapping_guard.h"

namespace strata {

class PinnedFile {
 public:
  // FAILED_PRECONDITION (FILE_CHANGED) unless the file has the size and time of `planned`. `file_system` must outlive
  // the result.
  static absl::StatusOr<std::unique_ptr<const PinnedFile>> Map(FileSystem& file_system, FileInfo planned);

  const FileView& view() const { return *view_; }
  std::string_view bytes() const { return view_->bytes(); }

  // What reading found, for it counts only if the file is still the one that was planned: of one that was cut meanwhile
  // or cannot be read it saw zeros (store/mapping_guard.h), which look like anything. Else FAILED_PRECONDITION
  // (FILE_CHANGED), or UNAVAILABLE (SOURCE_UNREADABLE), which is worth another attempt.
  absl::Status IfUnchanged(const absl::Status& read) const;

 private:
  PinnedFile(FileSystem& file_system, FileInfo planned, std::shared_ptr<const FileView> view)
      : file_system_(file_system), planned_(std::move(planned)), view_(std::move(view)), guard_(view_->bytes()) {}

  FileSystem& file_system_;
  const FileInfo planned_;
  const std::shared_ptr<const FileView> view_;
  const MappingGuard guard_;
};

}  // namespace strata
