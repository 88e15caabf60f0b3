// The seam to files: POSIX in production, a simulated disk in tests. Paths are absolute or relative to the process.
// Implementations are thread-safe. Errors: NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED (disk full), PERMISSION_DENIED,
// DATA_LOSS or INTERNAL (I/O), each naming the operation and the path.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

struct FileInfo {
  std::string path;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;  // since 1970-01-01 UTC
  bool is_directory = false;
};

// Bytes of a file, read-only, mapped or owned; alive as long as this object.
class FileView {
 public:
  virtual ~FileView() = default;
  virtual std::string_view bytes() const = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Direct children, sorted by path. NOT_FOUND when the folder is missing.
  virtual absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) = 0;
  // Folder and parents; fine when they exist.
  virtual absl::Status CreateFolders(const std::string& folder) = 0;

  // Writes a whole new file and fsyncs it. ALREADY_EXISTS when the path exists. After any error the file is removed.
  virtual absl::Status WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) = 0;
  // Renames, failing with ALREADY_EXISTS when the target exists, then fsyncs the target's folder.
  virtual absl::Status RenameNew(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;  // a file; NOT_FOUND when it is missing

  virtual absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) = 0;
  // The whole file. Mapped files must never be changed in place.
  virtual absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) = 0;
};

// The machine's own files.
std::unique_ptr<FileSystem> NewPosixFileSystem();

}  // namespace strata
