// A disk that all processes share, with what is durable kept apart from what is only visible: a power cut leaves some
// names as they were before, and tears files that were not synced. Each process has its own view, in which calls fail
// and processes die.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "store/file_system.h"
#include "tests/simulation/world.h"

namespace strata::simulation {

struct SimFile {
  std::shared_ptr<const std::string> bytes;
  bool durable = true;  // the bytes
  int64_t modified_ns = 0;
  bool passing = false;  // written without a sync on purpose: may be lost
};

class SimDisk {
 public:
  explicit SimDisk(World* world) : world_(world) {}

  // Every process must be dead.
  void CutPower();
  // Names that must stay, with their bytes, from now on.
  void Protect(const std::string& path) { protected_[path] = *visible_.at(path).bytes; }
  void Unprotect(const std::string& path) { protected_.erase(path); }
  void UnprotectBelow(const std::string& prefix) {
    std::erase_if(protected_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  }
  bool IsProtected(const std::string& path) const { return protected_.contains(path); }
  bool IsDurable(const std::string& path) const;
  void CheckTouched();  // of these, after an event that may have changed one

  const std::map<std::string, SimFile>& visible() const { return visible_; }
  void Write(const std::string& path, std::string bytes, bool durable, int64_t modified_ns);
  void WritePassing(const std::string& path, std::string bytes, int64_t modified_ns);
  void Damage(const std::string& path, size_t at);  // one byte
  void Rename(const std::string& from, const std::string& to);
  void Remove(const std::string& path);
  void Sync(const std::string& folder);
  // Called when a file got its last name.
  std::function<void(const std::string& path, const std::string& bytes)> on_name;
  std::set<std::string>& folders() { return folders_; }  // durable when made

 private:
  void CheckProtected() const;
  void Changed(const std::string& path) {
    unsynced_.insert(path);
    touched_ = touched_ || IsProtected(path);
  }

  World* world_;
  std::map<std::string, SimFile> visible_, durable_;
  std::set<std::string> unsynced_;  // names that differ
  std::set<std::string> folders_ = {""};
  std::map<std::string, std::string> protected_;
  bool touched_ = false;  // one of them
};

// A process's view.
class SimFileSystem final : public FileSystem {
 public:
  SimFileSystem(SimDisk* disk, World* world, Process* process) : disk_(disk), world_(world), process_(process) {}

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
  bool Fails();
  absl::Status NoFile(const char* operation, const std::string& path) const;

  SimDisk* disk_;
  World* world_;
  Process* process_;
};

}  // namespace strata::simulation
