#include "tests/data/source/memory_file_system.h"

#include "tests/store/owned_view.h"

namespace strata {
namespace {

absl::Status NotFound(const std::string& path) {
  return MakeError(absl::StatusCode::kNotFound, "FILE_MISSING", path + " does not exist");
}

}  // namespace

void MemoryFileSystem::Set(const std::string& path, std::string_view bytes) {
  files_[path] = {.view = OwnedView::Of(std::string(bytes)), .modified_ns = ++now_ns_};
}

FileInfo MemoryFileSystem::Info(const std::string& path) { return Stat(path).value(); }

absl::StatusOr<FileInfo> MemoryFileSystem::Stat(const std::string& path) {
  const auto found = files_.find(path);
  if (found != files_.end()) {
    return FileInfo{
        .path = path, .size_bytes = found->second.view->bytes().size(), .modified_ns = found->second.modified_ns};
  }
  const std::string folder = path.ends_with('/') ? path : path + "/";
  const auto child = files_.lower_bound(folder);
  if (child == files_.end() || !child->first.starts_with(folder)) return NotFound(path);
  return FileInfo{.path = path, .is_directory = true};
}

absl::StatusOr<std::vector<FileInfo>> MemoryFileSystem::List(const std::string& folder) {
  const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
  std::map<std::string, FileInfo> children;
  for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix); ++it) {
    const size_t slash = it->first.find('/', prefix.size());
    const std::string child = it->first.substr(0, slash);
    children.emplace(child, Stat(child).value());
  }
  if (children.empty()) return NotFound(folder);
  std::vector<FileInfo> infos;
  for (const auto& [path, info] : children) infos.push_back(info);
  return infos;
}

absl::Status MemoryFileSystem::CreateFolders(const std::string&) { return absl::OkStatus(); }

absl::Status MemoryFileSystem::WriteNew(const std::string& path, std::string_view bytes, uint32_t) {
  if (files_.contains(path)) return MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", path + " exists");
  Set(path, bytes);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::RenameNew(const std::string& from, const std::string& to) {
  if (!files_.contains(from)) return NotFound(from);
  if (files_.contains(to)) return MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", to + " exists");
  files_[to] = files_[from];
  files_.erase(from);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::WriteVolatile(const std::string&, const std::string& path, std::string_view bytes,
                                             uint32_t mode) {
  return WriteNew(path, bytes, mode);
}

absl::Status MemoryFileSystem::SyncFolder(const std::string&) { return absl::OkStatus(); }

absl::Status MemoryFileSystem::Remove(const std::string& path) {
  return files_.erase(path) == 1 ? absl::OkStatus() : NotFound(path);
}

absl::StatusOr<std::string> MemoryFileSystem::ReadRange(const std::string& path, uint64_t offset, uint64_t size) {
  const auto found = files_.find(path);
  if (found == files_.end()) return NotFound(path);
  const std::string_view bytes = found->second.view->bytes();
  return std::string(offset < bytes.size() ? bytes.substr(offset, size) : std::string_view());
}

absl::StatusOr<std::shared_ptr<const FileView>> MemoryFileSystem::Map(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return NotFound(path);
  const std::shared_ptr<const FileView> view = found->second.view;
  if (on_map_) on_map_();
  return view;
}

}  // namespace strata
