#include "tests/simulation/sim_disk.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "tests/store/owned_view.h"

namespace strata::simulation {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

absl::Status Missing(const char* operation, const std::string& path) {
  return MakeError(absl::StatusCode::kNotFound, "FILE_MISSING", fmt::format("{} '{}': no such file", operation, path),
                   {{"path", path}});
}
absl::Status IoError(const char* operation, const std::string& path) {
  return MakeError(absl::StatusCode::kInternal, "IO_ERROR",
                   fmt::format("{} '{}': input/output error", operation, path));
}

}  // namespace

bool SimDisk::IsDurable(const std::string& path) const {
  const auto found = durable_.find(path);
  return found != durable_.end() && found->second.durable;
}

void SimDisk::CheckProtected() const {
  for (const auto& [path, bytes] : protected_) {
    const auto found = visible_.find(path);
    if (found == visible_.end()) {
      world_->Violation(fmt::format("{} has vanished", path));
    } else if (*found->second.bytes != bytes) {
      world_->Violation(fmt::format("{} has changed", path));
    }
  }
}

void SimDisk::CheckTouched() {
  if (std::exchange(touched_, false)) CheckProtected();
}

void SimDisk::CutPower() {
  for (const std::string& path : unsynced_) {
    const bool kept = world_->Draw(2) == 0;
    const auto now = visible_.find(path), before = durable_.find(path);
    if (!kept) {
      world_->Count(before == durable_.end() ? "lost names" : "names that came back");
      if (now != visible_.end() && now->second.passing) world_->Count("intermediates lost");
      if (before == durable_.end()) {
        visible_.erase(path);
      } else {
        visible_[path] = before->second;
      }
    } else if (now == visible_.end()) {
      durable_.erase(path);
    }
  }
  unsynced_.clear();
  for (auto& [path, file] : visible_) {
    if (file.durable) continue;
    world_->Count("torn files");
    if (file.passing) world_->Count("intermediates torn");
    file.bytes = std::make_shared<const std::string>(file.bytes->substr(0, world_->Draw(file.bytes->size() + 1)));
    file.durable = true;
  }
  durable_ = visible_;
  touched_ = true;
}

void SimDisk::Write(const std::string& path, std::string bytes, bool durable, int64_t modified_ns) {
  visible_[path] = {std::make_shared<const std::string>(std::move(bytes)), durable, modified_ns};
  Changed(path);
}

void SimDisk::WritePassing(const std::string& path, std::string bytes, int64_t modified_ns) {
  Write(path, std::move(bytes), false, modified_ns);
  visible_[path].passing = true;
}

void SimDisk::Damage(const std::string& path, size_t at) {
  SimFile& file = visible_.at(path);
  std::string bytes = *file.bytes;
  bytes[at % bytes.size()] = static_cast<char>(bytes[at % bytes.size()] ^ 0x20);
  file.bytes = std::make_shared<const std::string>(std::move(bytes));
  if (const auto kept = durable_.find(path); kept != durable_.end()) kept->second.bytes = file.bytes;
  touched_ = touched_ || IsProtected(path);
}

void SimDisk::Rename(const std::string& from, const std::string& to) {
  visible_[to] = visible_.at(from);
  visible_.erase(from);
  Changed(from);
  Changed(to);
  if (on_name) on_name(to, *visible_.at(to).bytes);
}

void SimDisk::Remove(const std::string& path) {
  visible_.erase(path);
  Changed(path);
}

void SimDisk::Sync(const std::string& folder) {
  for (auto path = unsynced_.begin(); path != unsynced_.end();) {
    if (FolderOf(*path) != folder) {
      ++path;
      continue;
    }
    const auto now = visible_.find(*path);
    if (now == visible_.end()) {
      durable_.erase(*path);
    } else {
      durable_[*path] = now->second;
    }
    path = unsynced_.erase(path);
  }
}

bool SimFileSystem::Fails() {
  world_->MayCrash(process_);
  if (!world_->OfThousand(world_->options().disk_error)) return false;
  world_->Count("disk errors");
  return true;
}

absl::Status SimFileSystem::NoFile(const char* operation, const std::string& path) const {
  if (!disk_->folders().contains(path)) return Missing(operation, path);
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE",
                   fmt::format("{} '{}': a folder", operation, path));
}

absl::StatusOr<FileInfo> SimFileSystem::Stat(const std::string& path) {
  const auto found = disk_->visible().find(path);
  if (found != disk_->visible().end()) {
    return FileInfo{.path = path, .size_bytes = found->second.bytes->size(), .modified_ns = found->second.modified_ns};
  }
  if (disk_->folders().contains(path)) return FileInfo{.path = path, .is_directory = true};
  return Missing("stat", path);
}

absl::StatusOr<std::vector<FileInfo>> SimFileSystem::List(const std::string& folder) {
  if (!disk_->folders().contains(folder)) return Missing("list", folder);
  std::map<std::string, FileInfo> children;
  const std::string prefix = folder + "/";
  for (auto it = disk_->visible().lower_bound(prefix); it != disk_->visible().end() && it->first.starts_with(prefix);
       ++it) {
    if (it->first.find('/', prefix.size()) != std::string::npos) continue;
    children[it->first] = {
        .path = it->first, .size_bytes = it->second.bytes->size(), .modified_ns = it->second.modified_ns};
  }
  for (auto it = disk_->folders().lower_bound(prefix); it != disk_->folders().end() && it->starts_with(prefix); ++it) {
    if (it->find('/', prefix.size()) == std::string::npos) children[*it] = {.path = *it, .is_directory = true};
  }
  std::vector<FileInfo> list;
  for (auto& [path, info] : children) list.push_back(std::move(info));
  return list;
}

absl::Status SimFileSystem::CreateFolders(const std::string& folder) {
  for (std::string path = folder; !path.empty(); path = FolderOf(path)) {
    if (!disk_->visible().contains(path)) continue;
    return MakeError(absl::StatusCode::kAlreadyExists, "NOT_A_FOLDER", fmt::format("'{}' is a file", path));
  }
  for (std::string path = folder; !path.empty(); path = FolderOf(path)) disk_->folders().insert(path);
  return absl::OkStatus();
}

absl::Status SimFileSystem::WriteNew(const std::string& path, std::string_view bytes, uint32_t) {
  if (!disk_->folders().contains(FolderOf(path))) return Missing("write", path);
  if (disk_->visible().contains(path)) {
    return MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", fmt::format("write '{}': exists", path));
  }
  const int64_t now_ns = process_->WallMs() * 1'000'000;
  // A process that dies here leaves a part of the file, of which nothing is synced.
  disk_->Write(path, std::string(bytes.substr(0, bytes.size() / 2)), false, now_ns);
  if (Fails()) {
    disk_->Remove(path);
    return MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", fmt::format("write '{}': no space left", path));
  }
  disk_->Write(path, std::string(bytes), world_->options().bug != Bug::kNoFileSync, now_ns);
  return absl::OkStatus();
}

absl::Status SimFileSystem::RenameNew(const std::string& from, const std::string& to) {
  if (!disk_->visible().contains(from)) return Missing("rename", from);
  if (disk_->visible().contains(to)) {
    return MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", fmt::format("rename to '{}': exists", to));
  }
  if (Fails()) return IoError("rename", from);
  disk_->Rename(from, to);
  world_->MayCrash(process_);
  if (world_->OfThousand(world_->options().disk_error)) {
    world_->Count("failed folder syncs");
    disk_->Remove(to);
    return IoError("sync the folder of", to);
  }
  if (world_->options().bug != Bug::kNoFolderSync) disk_->Sync(FolderOf(to));
  return absl::OkStatus();
}

absl::Status SimFileSystem::WriteVolatile(const std::string& temporary, const std::string& path, std::string_view bytes,
                                          uint32_t) {
  for (const std::string& name : {temporary, path}) {
    if (!disk_->folders().contains(FolderOf(name))) return Missing("write", name);
  }
  if (disk_->visible().contains(path) || disk_->visible().contains(temporary)) {
    return MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", fmt::format("write '{}': exists", path));
  }
  const int64_t now_ns = process_->WallMs() * 1'000'000;
  disk_->WritePassing(temporary, std::string(bytes.substr(0, bytes.size() / 2)), now_ns);
  if (Fails()) {
    disk_->Remove(temporary);
    return MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", fmt::format("write '{}': no space left", path));
  }
  disk_->WritePassing(temporary, std::string(bytes), now_ns);
  disk_->Rename(temporary, path);
  world_->MayCrash(process_);
  return absl::OkStatus();
}

absl::Status SimFileSystem::SyncFolder(const std::string& folder) {
  if (!disk_->folders().contains(folder)) return Missing("sync", folder);
  if (Fails()) return IoError("sync", folder);
  if (world_->options().bug != Bug::kNoFolderSync) disk_->Sync(folder);
  return absl::OkStatus();
}

absl::Status SimFileSystem::Remove(const std::string& path) {
  if (!disk_->visible().contains(path)) return NoFile("remove", path);
  if (Fails()) return IoError("remove", path);
  if (world_->options().bug == Bug::kDeleteTooMuch && world_->Draw(4) == 0) {
    const auto next = std::next(disk_->visible().find(path));
    if (next != disk_->visible().end()) disk_->Remove(std::string(next->first));
  }
  disk_->Remove(path);
  return absl::OkStatus();
}

absl::StatusOr<std::string> SimFileSystem::ReadRange(const std::string& path, uint64_t offset, uint64_t size) {
  const auto found = disk_->visible().find(path);
  if (found == disk_->visible().end()) return NoFile("read", path);
  if (Fails()) return IoError("read", path);
  const std::string& bytes = *found->second.bytes;
  return offset >= bytes.size() ? std::string() : bytes.substr(offset, size);
}

absl::StatusOr<std::shared_ptr<const FileView>> SimFileSystem::Map(const std::string& path) {
  const auto found = disk_->visible().find(path);
  if (found == disk_->visible().end()) return NoFile("map", path);
  if (Fails()) return IoError("map", path);
  return std::make_shared<const OwnedView>(found->second.bytes);
}

}  // namespace strata::simulation
