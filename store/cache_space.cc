#include "store/cache_space.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/byte_size.h"
#include "base/hash.h"
#include "store/errno_error.h"

namespace strata {
namespace {

constexpr mode_t kFolderMode = 0700;           // copies of customer data
constexpr uint64_t kSpareShare = 20;           // evicting frees a twentieth more, so that not every fill has to
constexpr uint32_t kTemporaryNamesMax = 1000;  // names taken by others that one fill steps over
constexpr int64_t kAccountSlot = 0;            // of the lock on the number of bytes in the folder

absl::Status MakeFolder(const std::string& folder) {
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return ErrnoError(errno, "create folder", folder);
  struct stat stat = {};
  if (lstat(folder.c_str(), &stat) != 0) return ErrnoError(errno, "stat", folder);
  if (S_ISDIR(stat.st_mode) && stat.st_uid == geteuid()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kPermissionDenied, "CACHE_NOT_OURS",
      fmt::format("'{}' is no folder, or another user's; name a folder of your own with --cache-dir", folder),
      {{"path", folder}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<CacheSpace>> CacheSpace::Open(std::string folder, uint64_t bytes_max) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const size_t slash = folder.find_last_of('/');
  if (slash != std::string::npos && slash > 0) {
    STRATA_RETURN_IF_ERROR(NewPosixFileSystem()->CreateFolders(folder.substr(0, slash)));
  }
  for (const char* inner : {"", "/v1", "/v1/objects", "/v1/filling"}) {
    STRATA_RETURN_IF_ERROR(MakeFolder(folder + inner));
  }
  STRATA_ASSIGN_OR_RETURN(auto locks, CacheLocks::Open(folder + "/v1/locks"));
  return std::unique_ptr<CacheSpace>(new CacheSpace(std::move(folder), bytes_max, std::move(locks)));
}

int64_t CacheSpace::SlotOf(std::string_view name) { return 1 + static_cast<int64_t>(Hash64(name) >> 2); }
std::string CacheSpace::CopyPath(std::string_view id) const { return fmt::format("{}/v1/objects/{}", folder_, id); }
std::string CacheSpace::FillingFolder() const { return folder_ + "/v1/filling"; }

void CacheSpace::GiveBack(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!locks_->LockExclusive(kAccountSlot).ok()) return;  // the account stays too high until the next count
  if (const auto total = locks_->ReadNumber(); total.ok()) {
    static_cast<void>(locks_->WriteNumber(*total - std::min(*total, bytes)));
  }
  locks_->Unlock(kAccountSlot);
}

absl::StatusOr<CacheTemporary> CacheSpace::Reserve(const std::string& id, uint64_t bytes, const Evict& evict) {
  const std::lock_guard lock(mutex_);
  STRATA_RETURN_IF_ERROR(locks_->LockExclusive(kAccountSlot));
  auto total = locks_->ReadNumber();
  if (total.ok() && *total + bytes > bytes_max_) total = MakeRoom(bytes, evict);
  absl::StatusOr<CacheTemporary> file = total.ok() ? MakeTemporary(id, bytes) : total.status();
  if (file.ok()) {
    if (absl::Status status = locks_->WriteNumber(*total + bytes); !status.ok()) {
      close(file->descriptor);
      unlink(file->path.c_str());
      file = status;
    }
  }
  locks_->Unlock(kAccountSlot);
  return file;
}

// Its name says how much it will hold, for whoever counts meanwhile.
absl::StatusOr<CacheTemporary> CacheSpace::MakeTemporary(const std::string& id, uint64_t bytes) {
  CacheTemporary file;
  for (uint32_t attempt = 0; attempt < kTemporaryNamesMax; ++attempt) {
    const std::string name = fmt::format("{}-{}-{}", bytes, id, temporaries_++);
    file.path = FillingFolder() + "/" + name;
    file.slot = SlotOf(name);
    // Before the file is there, so that nobody takes it for a dead process's. Taken: somebody else writes this name.
    STRATA_ASSIGN_OR_RETURN(const bool ours, locks_->TryExclusive(file.slot));
    if (!ours) continue;
    file.descriptor = open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file.descriptor >= 0) return file;
    const int error = errno;
    locks_->Unlock(file.slot);
    if (error != EEXIST) return ErrnoError(error, "create", file.path);
  }
  return ErrnoError(EEXIST, "create", file.path);
}

// The bytes in the folder, those that are being fetched included, and the copies. Those come last: a copy that gets its
// name meanwhile is counted twice rather than not at all.
absl::StatusOr<uint64_t> CacheSpace::Scan(std::vector<Copy>* copies) {
  uint64_t total = 0;
  STRATA_ASSIGN_OR_RETURN(const auto filling, files_->List(FillingFolder()));
  for (const FileInfo& file : filling) {
    const std::string name = file.path.substr(FillingFolder().size() + 1);
    uint64_t bytes = 0;
    std::from_chars(name.data(), name.data() + name.size(), bytes);
    total += bytes;
  }
  STRATA_ASSIGN_OR_RETURN(const auto objects, files_->List(folder_ + "/v1/objects"));
  for (const FileInfo& file : objects) {
    total += file.size_bytes;
    copies->push_back({file.path.substr(file.path.find_last_of('/') + 1), file.size_bytes, file.modified_ns});
  }
  return total;
}

// Evicts until `bytes` more fit; the bytes that are left. Precondition: the account is locked.
absl::StatusOr<uint64_t> CacheSpace::MakeRoom(uint64_t bytes, const Evict& evict) {
  std::vector<Copy> copies;
  STRATA_ASSIGN_OR_RETURN(uint64_t total, Scan(&copies));
  std::sort(copies.begin(), copies.end(), [](const Copy& a, const Copy& b) {
    return std::pair(a.used_ns, std::string_view(a.id)) < std::pair(b.used_ns, std::string_view(b.id));
  });
  const uint64_t spare = bytes_max_ / kSpareShare;
  for (const Copy& copy : copies) {
    if (total + bytes + spare <= bytes_max_) break;
    STRATA_ASSIGN_OR_RETURN(const bool evicted, evict(copy.id));
    if (evicted) total -= copy.size_bytes;
  }
  STRATA_RETURN_IF_ERROR(locks_->WriteNumber(total));
  if (total + bytes <= bytes_max_) return total;
  return MakeError(absl::StatusCode::kResourceExhausted, "CACHE_FULL",
                   fmt::format("{} has {} bytes in use at the moment and needs {} more, but --cache-bytes allows {}",
                               folder_, total, bytes, FormatByteSize(bytes_max_)),
                   {{"flag", "--cache-bytes"}});
}

absl::Status CacheSpace::CleanUp(const Evict& evict) {
  const std::lock_guard lock(mutex_);
  STRATA_ASSIGN_OR_RETURN(const auto filling, files_->List(FillingFolder()));
  for (const FileInfo& file : filling) {
    const int64_t slot = SlotOf(std::string_view(file.path).substr(FillingFolder().size() + 1));
    STRATA_ASSIGN_OR_RETURN(const bool dead, locks_->TryExclusive(slot));
    if (!dead) continue;
    static_cast<void>(unlink(file.path.c_str()));  // what cannot be removed is counted
    locks_->Unlock(slot);
  }
  STRATA_RETURN_IF_ERROR(locks_->LockExclusive(kAccountSlot));
  // Also counts anew what a process that died had reserved. Too much in use is no reason not to start.
  const absl::Status counted = MakeRoom(0, evict).status();
  locks_->Unlock(kAccountSlot);
  return absl::IsResourceExhausted(counted) ? absl::OkStatus() : counted;
}

}  // namespace strata
