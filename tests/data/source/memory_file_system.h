// Files in memory, with a hook that lets a test change a file while it is read. Folders exist where files are. Not
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/file_system.h"

namespace strata {

class MemoryFileSystem final : public FileSystem {
 public:
  // Writes or overwrites; every write has a later time.
  void Set(const std::string& path, std::string_view bytes);
  // Called by each Map after the bytes were taken.
  void OnMap(std::function<void()> action) { on_map_ = std::move(action); }
  // As a listing shows it. The file must exist.
  FileInfo Info(const std::string& path);

  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) override;
  absl::Status CreateFolders(const std::string& folder) override;
  absl::Status WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) override;
  absl::Status RenameNew(const std::string& from, const std::string& to) override;
  absl::Status WriteVolatile(const std::string& temporary, const std::string& path, std::string_view bytes,
                             uint32_t mode) override;
  absl::Status SyncFolder(const std::string& folder) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) override;
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) override;

 private:
  struct File {
    std::shared_ptr<const FileView> view;
    int64_t modified_ns = 0;
  };
  std::map<std::string, File> files_;
  int64_t now_ns_ = 1'000;
  std::function<void()> on_map_;
};

}  // namespace strata
