#include "store/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "store/errno_error.h"

namespace strata {
namespace {

constexpr mode_t kFolderMode = 0750;         // customer data is for the owner and the group
constexpr size_t kWriteBytesMax = 1u << 30;  // Linux writes at most 2^31 - 4096 bytes a call
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

absl::Status NotRegular(std::string_view operation, const std::string& path) {
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE",
                   fmt::format("{} '{}': a folder, pipe or device; a regular file is wanted", operation, path),
                   {{"path", path}, {"operation", std::string(operation)}});
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

FileInfo InfoOf(std::string path, const struct stat& stat) {
  return {.path = std::move(path),
          .size_bytes = static_cast<uint64_t>(stat.st_size),
          .modified_ns = stat.st_mtim.tv_sec * kNanosecondsPerSecond + stat.st_mtim.tv_nsec,
          .is_directory = S_ISDIR(stat.st_mode)};
}

struct CloseFolder {
  void operator()(DIR* directory) const { closedir(directory); }
};

class MappedFile final : public FileView {
 public:
  // Takes over a mapping of `size` bytes; size 0 has none.
  MappedFile(void* data, size_t size) : data_(data), size_(size) {}
  ~MappedFile() override {
    if (size_ > 0) munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const override { return {static_cast<const char*>(data_), size_}; }
  void Release(uint64_t begin, uint64_t end) const override {
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const uint64_t first = (begin + page - 1) / page * page;
    const uint64_t last = end >= size_ ? size_ : end / page * page;
    // The mapping is private and never written, so that a page that is dropped is read again as it was.
    if (first < last) madvise(static_cast<char*>(data_) + first, last - first, MADV_DONTNEED);
  }

 private:
  void* data_;
  size_t size_;
};

class PosixFileSystem final : public FileSystem {
 public:
  explicit PosixFileSystem(PosixCalls calls) : calls_(std::move(calls)) {}

  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    struct stat stat = {};
    if (::stat(path.c_str(), &stat) != 0) return ErrnoError(errno, "stat", path);
    return InfoOf(path, stat);
  }

  absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) override;
  absl::Status CreateFolders(const std::string& folder) override;
  absl::Status WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) override;
  absl::Status RenameNew(const std::string& from, const std::string& to) override;
  absl::Status WriteVolatile(const std::string& temporary, const std::string& path, std::string_view bytes,
                             uint32_t mode) override;
  absl::Status SyncFolder(const std::string& folder) override;

  absl::Status Remove(const std::string& path) override {
    if (calls_.unlink(path.c_str()) != 0) return ErrnoError(errno, "remove", path);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) override;
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) override;

 private:
  struct OpenFile {
    int descriptor = -1;
    uint64_t size_bytes = 0;
  };

  absl::Status Create(const std::string& path, std::string_view bytes, uint32_t mode, bool sync);
  absl::Status WriteAll(int descriptor, std::string_view bytes, const std::string& path);
  absl::Status SyncFile(int descriptor, const std::string& path);
  absl::Status GiveName(const std::string& from, const std::string& to);
  absl::StatusOr<OpenFile> OpenRegular(const std::string& path, std::string_view operation);

  const PosixCalls calls_;
};

absl::StatusOr<std::vector<FileInfo>> PosixFileSystem::List(const std::string& folder) {
  DIR* const directory = opendir(folder.c_str());
  if (directory == nullptr) return ErrnoError(errno, "list", folder);
  const std::unique_ptr<DIR, CloseFolder> closer(directory);
  const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
  std::vector<FileInfo> children;
  while (true) {
    errno = 0;
    const dirent* const entry = readdir(directory);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat stat = {};
    bool there = fstatat(dirfd(directory), entry->d_name, &stat, 0) == 0;
    // A dangling link is listed, so that whoever opens it gets an error; a file removed since is not.
    if (!there) there = fstatat(dirfd(directory), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (!there && errno == ENOENT) continue;
    if (!there) return ErrnoError(errno, "stat", prefix + entry->d_name);
    children.push_back(InfoOf(prefix + entry->d_name, stat));
  }
  if (errno != 0) return ErrnoError(errno, "list", folder);
  std::sort(children.begin(), children.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return children;
}

absl::Status PosixFileSystem::CreateFolders(const std::string& folder) {
  if (calls_.mkdir(folder.c_str(), kFolderMode) == 0) return SyncFolder(ParentOf(folder));
  if (errno == ENOENT && ParentOf(folder) != folder) {
    STRATA_RETURN_IF_ERROR(CreateFolders(ParentOf(folder)));
    // Another thread or process may make it in between.
    if (calls_.mkdir(folder.c_str(), kFolderMode) == 0) return SyncFolder(ParentOf(folder));
  }
  const int error = errno;
  struct stat stat = {};
  if (::stat(folder.c_str(), &stat) == 0) {
    if (S_ISDIR(stat.st_mode)) return absl::OkStatus();
    return MakeError(absl::StatusCode::kAlreadyExists, "NOT_A_FOLDER",
                     fmt::format("create folder '{}': a file of this name exists", folder), {{"path", folder}});
  }
  return ErrnoError(error, "create folder", folder);
}

absl::Status PosixFileSystem::WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = calls_.write(descriptor, bytes.data(), std::min(bytes.size(), kWriteBytesMax));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError(errno, "write", path);
    // A regular file takes at least one byte or fails; no progress would be an endless loop.
    if (written == 0) return ErrnoError(EIO, "write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::SyncFile(int descriptor, const std::string& path) {
  int synced = calls_.fsync(descriptor);
  // Interrupted before anything was written back: not an error of the disk.
  while (synced != 0 && errno == EINTR) synced = calls_.fsync(descriptor);
  return synced == 0 ? absl::OkStatus() : ErrnoError(errno, "fsync", path);
}

absl::Status PosixFileSystem::WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) {
  return Create(path, bytes, mode, /*sync=*/true);
}

absl::Status PosixFileSystem::Create(const std::string& path, std::string_view bytes, uint32_t mode, bool sync) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  int descriptor = calls_.open(path.c_str(), kFlags, static_cast<mode_t>(mode));
  while (descriptor < 0 && errno == EINTR) descriptor = calls_.open(path.c_str(), kFlags, static_cast<mode_t>(mode));
  if (descriptor < 0) return ErrnoError(errno, "create", path);
  absl::Status status = WriteAll(descriptor, bytes, path);
  if (status.ok() && sync) status = SyncFile(descriptor, path);
  // Linux frees the descriptor also when close is interrupted; a second call could close somebody else's.
  if (calls_.close(descriptor) != 0 && errno != EINTR && status.ok()) status = ErrnoError(errno, "close", path);
  if (!status.ok() && calls_.unlink(path.c_str()) != 0 && errno != ENOENT) {
    return WithContext(status, fmt::format("an incomplete file is left behind ({})", std::strerror(errno)));
  }
  return status;
}

absl::Status PosixFileSystem::GiveName(const std::string& from, const std::string& to) {
  int renamed = calls_.rename_no_replace(from.c_str(), to.c_str());
  if (renamed != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // Disks that do not know RENAME_NOREPLACE (NFS): a hard link never replaces either.
    renamed = calls_.link(from.c_str(), to.c_str());
    if (renamed == 0 && calls_.unlink(from.c_str()) != 0) {
      const absl::Status status = ErrnoError(errno, "remove", from);
      calls_.unlink(to.c_str());
      return status;
    }
  }
  if (renamed != 0) return ErrnoError(errno, fmt::format("rename '{}' to", from), to);
  return absl::OkStatus();
}

absl::Status PosixFileSystem::WriteVolatile(const std::string& temporary, const std::string& path,
                                            std::string_view bytes, uint32_t mode) {
  STRATA_RETURN_IF_ERROR(Create(temporary, bytes, mode, /*sync=*/false));
  const absl::Status named = GiveName(temporary, path);
  if (!named.ok() && calls_.unlink(temporary.c_str()) != 0 && errno != ENOENT) {
    return WithContext(named, fmt::format("a temporary file is left behind ({})", std::strerror(errno)));
  }
  return named;
}

absl::Status PosixFileSystem::RenameNew(const std::string& from, const std::string& to) {
  STRATA_RETURN_IF_ERROR(GiveName(from, to));
  const absl::Status synced = SyncFolder(ParentOf(to));
  if (!synced.ok() && calls_.unlink(to.c_str()) != 0 && errno != ENOENT) {
    return WithContext(synced, fmt::format("'{}' is left behind, perhaps not durable ({})", to, std::strerror(errno)));
  }
  return synced;
}

absl::Status PosixFileSystem::SyncFolder(const std::string& folder) {
  int descriptor = calls_.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  while (descriptor < 0 && errno == EINTR) {
    descriptor = calls_.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  }
  if (descriptor < 0) return ErrnoError(errno, "open folder", folder);
  int synced = calls_.fsync(descriptor);
  while (synced != 0 && errno == EINTR) synced = calls_.fsync(descriptor);
  const absl::Status status = synced == 0 ? absl::OkStatus() : ErrnoError(errno, "fsync folder", folder);
  calls_.close(descriptor);  // opened for reading: nothing can be lost here
  return status;
}

absl::StatusOr<PosixFileSystem::OpenFile> PosixFileSystem::OpenRegular(const std::string& path,
                                                                       std::string_view operation) {
  // Without O_NONBLOCK opening a pipe would wait for a writer for ever.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  int descriptor = calls_.open(path.c_str(), kFlags, 0);
  while (descriptor < 0 && errno == EINTR) descriptor = calls_.open(path.c_str(), kFlags, 0);
  if (descriptor < 0) return ErrnoError(errno, operation, path);
  struct stat stat = {};
  if (fstat(descriptor, &stat) != 0) {
    const absl::Status status = ErrnoError(errno, "stat", path);
    calls_.close(descriptor);
    return status;
  }
  if (!S_ISREG(stat.st_mode)) {
    calls_.close(descriptor);
    return NotRegular(operation, path);
  }
  return OpenFile{.descriptor = descriptor, .size_bytes = static_cast<uint64_t>(stat.st_size)};
}

absl::StatusOr<std::string> PosixFileSystem::ReadRange(const std::string& path, uint64_t offset, uint64_t size) {
  STRATA_ASSIGN_OR_RETURN(const OpenFile file, OpenRegular(path, "read"));
  std::string bytes;
  if (offset < file.size_bytes) bytes.resize(std::min(size, file.size_bytes - offset));
  size_t done = 0;
  absl::Status status;
  while (done < bytes.size()) {
    const ssize_t got = calls_.pread(file.descriptor, bytes.data() + done,
                                     std::min(bytes.size() - done, kWriteBytesMax), static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = ErrnoError(errno, "read", path);
    if (got <= 0) break;  // an error, or the file has been cut since
    done += static_cast<size_t>(got);
  }
  calls_.close(file.descriptor);
  if (!status.ok()) return status;
  bytes.resize(done);
  return bytes;
}

absl::StatusOr<std::shared_ptr<const FileView>> PosixFileSystem::Map(const std::string& path) {
  STRATA_ASSIGN_OR_RETURN(const OpenFile file, OpenRegular(path, "map"));
  void* data = nullptr;
  absl::Status status;
  if (file.size_bytes > 0) {
    data = mmap(nullptr, file.size_bytes, PROT_READ, MAP_PRIVATE, file.descriptor, 0);
    if (data == MAP_FAILED) status = ErrnoError(errno, "map", path);
  }
  calls_.close(file.descriptor);  // the mapping stays
  if (!status.ok()) return status;
  return std::make_shared<const MappedFile>(data, file.size_bytes);
}

}  // namespace

PosixCalls::PosixCalls()
    : open([](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }),
      write([](int descriptor, const void* data, size_t size) { return ::write(descriptor, data, size); }),
      pread([](int descriptor, void* data, size_t size, off_t offset) {
        return ::pread(descriptor, data, size, offset);
      }),
      fsync([](int descriptor) { return ::fsync(descriptor); }),
      close([](int descriptor) { return ::close(descriptor); }),
      rename_no_replace(
          [](const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }),
      link([](const char* from, const char* to) { return ::link(from, to); }),
      unlink([](const char* path) { return ::unlink(path); }),
      mkdir([](const char* path, mode_t mode) { return ::mkdir(path, mode); }) {}

std::unique_ptr<FileSystem> NewPosixFileSystem() { return NewPosixFileSystem(PosixCalls()); }

std::unique_ptr<FileSystem> NewPosixFileSystem(PosixCalls calls) {
  return std::make_unique<PosixFileSystem>(std::move(calls));
}

}  // namespace strata
