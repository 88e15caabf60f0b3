// The seam to files: POSIX in production, a simulated disk in tests. Paths are absolute or relative to the process.
// Implementations are thread-safe and pass one conformance test (tests/store/file_system_conformance.h). Errors:
// NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED (reason DISK_FULL when it is the disk), PERMISSION_DENIED (a read-only
// disk included), INVALID_ARGUMENT (reason NOT_A_REGULAR_FILE: a folder, pipe or device where a file is wanted),
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
  // Gives back the memory of the bytes [begin, end); pages that reach beyond them stay. A page of a mapped file counts
  // as memory of the process from its first read until it is given back or the mapping ends; reading it again brings it
  // back, from the system's cache where it still is there. Bytes that are owned stay.
  virtual void Release(uint64_t /*begin*/, uint64_t /*end*/) const {}
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Direct children, sorted by path. NOT_FOUND when the folder is missing.
  virtual absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) = 0;
  // Folder and parents; fine when they exist. Each folder that this call made is durable when it returns.
  virtual absl::Status CreateFolders(const std::string& folder) = 0;

  // Writes a whole new file and fsyncs it; its name is durable only after RenameNew or SyncFolder. ALREADY_EXISTS when
  // the path exists. After any other error the file is removed: a failed fsync is never tried again, because the kernel
  // may have dropped the pages and would answer OK.
  virtual absl::Status WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) = 0;
  // Renames within one disk, failing with ALREADY_EXISTS when the target exists, then fsyncs the target's folder. When
  // that fsync fails the target is removed and the error returned.
  virtual absl::Status RenameNew(const std::string& from, const std::string& to) = 0;
  // WriteNew to `temporary`, then RenameNew to `path`, but nothing need be synced: after a power cut the file may be
  // missing, torn or empty. For what can be computed again and is verified by its readers.
  virtual absl::Status WriteVolatile(const std::string& temporary, const std::string& path, std::string_view bytes,
                                     uint32_t mode) = 0;
  // Makes the names in a folder durable, also those that another process has just made.
  virtual absl::Status SyncFolder(const std::string& folder) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;  // a file; NOT_FOUND when it is missing

  // At most `size` bytes from `offset`; fewer only where the file ends, none at or behind its end.
  virtual absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) = 0;
  // The whole file. Mapped files must never be changed in place.
  virtual absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) = 0;
};

// The machine's own files. Folders are made with mode 0750 less the umask, so that customer data is not for everybody.
std::unique_ptr<FileSystem> NewPosixFileSystem();

}  // namespace strata
