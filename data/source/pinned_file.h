// Files that must be as they were when a run listed them. Thread-safe as far as the file system is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "store/file_system.h"

namespace strata {

// FAILED_PRECONDITION (FILE_CHANGED) unless the file still has this size and time.
absl::Status CheckUnchanged(FileSystem& file_system, const std::string& path, uint64_t size_bytes, int64_t modified_ns);

// Maps a file that must have this size and time; check again after reading.
absl::StatusOr<std::shared_ptr<const FileView>> MapUnchanged(FileSystem& file_system, const std::string& path,
                                                             uint64_t size_bytes, int64_t modified_ns);

}  // namespace strata
