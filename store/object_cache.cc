#include "store/object_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/byte_size.h"
#include "base/hash.h"
#include "store/cache_space.h"
#include "store/errno_error.h"

namespace strata {
namespace {

constexpr size_t kVerifiedMax = 1'000'000;  // ids remembered as compared; forgetting them only costs a comparison

// The last bytes of a copy.
struct Footer {
  char magic[8] = {'S', 'T', 'R', 'A', 'T', 'A', 'C', '1'};
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  // XXH3-64 of the bytes before
};

}  // namespace

class ObjectCache::Core final : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(std::unique_ptr<CacheSpace> space) : space_(std::move(space)) {}

  absl::Status CleanUp() {
    return space_->CleanUp([this](const std::string& id) { return Evict(id); });
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& name, const CacheSource& source);
  absl::Status Forget(const std::string& name);

 private:
  class Pin;
  class Turn;
  class View;

  absl::StatusOr<std::shared_ptr<Pin>> Take(const std::string& id);
  void Release(const std::string& id);
  absl::StatusOr<std::shared_ptr<const FileView>> OpenCopy(const std::string& id, const std::shared_ptr<Pin>& pin);
  absl::Status Fill(const std::string& id, const std::string& name, const CacheSource& source);
  absl::Status Write(const CacheTemporary& file, std::string_view bytes);
  absl::Status WriteCopy(const CacheTemporary& file, const std::string& name, uint64_t size, const CacheSource& source);
  absl::Status Remove(const std::string& id);
  absl::StatusOr<bool> Evict(const std::string& id);

  const std::unique_ptr<CacheSpace> space_;
  const std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
  std::mutex mutex_;
  std::condition_variable turn_ended_;
  std::map<std::string, int64_t> pins_;       // views and fills by id; guarded by mutex_
  std::set<std::string> turns_;               // ids that a thread is opening or fetching; guarded by mutex_
  std::unordered_set<std::string> verified_;  // guarded by mutex_
};

// Keeps a copy where it is, also for other processes.
class ObjectCache::Core::Pin {
 public:
  Pin(std::shared_ptr<Core> core, std::string id) : core_(std::move(core)), id_(std::move(id)) {}
  ~Pin() { core_->Release(id_); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  std::shared_ptr<Core> core_;
  std::string id_;
};

// One thread at a time opens or fetches an id.
class ObjectCache::Core::Turn {
 public:
  Turn(Core* core, const std::string& id) : core_(*core), id_(id) {
    std::unique_lock lock(core_.mutex_);
    core_.turn_ended_.wait(lock, [this] { return !core_.turns_.contains(id_); });
    core_.turns_.insert(id_);
  }
  ~Turn() {
    const std::lock_guard lock(core_.mutex_);
    core_.turns_.erase(id_);
    core_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Core& core_;
  const std::string& id_;
};

class ObjectCache::Core::View final : public FileView {
 public:
  View(std::shared_ptr<const FileView> file, size_t size, std::shared_ptr<Pin> pin)
      : pin_(std::move(pin)), file_(std::move(file)), size_(size) {}
  std::string_view bytes() const override { return file_->bytes().substr(0, size_); }
  void Release(uint64_t begin, uint64_t end) const override { file_->Release(begin, end); }

 private:
  std::shared_ptr<Pin> pin_;  // ends after the mapping
  std::shared_ptr<const FileView> file_;
  size_t size_;
};

absl::StatusOr<std::shared_ptr<ObjectCache::Core::Pin>> ObjectCache::Core::Take(const std::string& id) {
  const std::lock_guard lock(mutex_);
  int64_t& count = pins_[id];
  if (count == 0) {
    if (absl::Status status = space_->locks().LockShared(CacheSpace::SlotOf(id)); !status.ok()) {
      pins_.erase(id);
      return status;
    }
  }
  ++count;
  return std::make_shared<Pin>(shared_from_this(), id);
}

void ObjectCache::Core::Release(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = pins_.find(id);
  if (--found->second > 0) return;
  pins_.erase(found);
  space_->locks().Unlock(CacheSpace::SlotOf(id));
}

absl::StatusOr<std::shared_ptr<const FileView>> ObjectCache::Core::OpenCopy(const std::string& id,
                                                                            const std::shared_ptr<Pin>& pin) {
  STRATA_ASSIGN_OR_RETURN(std::shared_ptr<const FileView> file, files_->Map(space_->CopyPath(id)));
  const std::string_view all = file->bytes();
  Footer footer;
  const Footer expected;
  bool good = all.size() >= sizeof(footer);
  if (good) {
    std::memcpy(&footer, all.data() + all.size() - sizeof(footer), sizeof(footer));
    good = std::memcmp(footer.magic, expected.magic, sizeof(footer.magic)) == 0 &&
           footer.size_bytes == all.size() - sizeof(footer);
  }
  std::unique_lock lock(mutex_);
  if (good && !verified_.contains(id)) {
    lock.unlock();  // a large copy takes a while; two threads comparing it do no harm
    good = Hash64(all.substr(0, footer.size_bytes)) == footer.checksum;
    lock.lock();
  }
  if (!good) {
    return MakeError(absl::StatusCode::kDataLoss, "CACHE_CORRUPT",
                     fmt::format("the copy '{}' is damaged", space_->CopyPath(id)), {{"path", space_->CopyPath(id)}});
  }
  if (verified_.size() >= kVerifiedMax) verified_.clear();
  verified_.insert(id);
  lock.unlock();
  // Only the order of eviction depends on it.
  // The kernel's own "now" is too coarse for it.
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[] = {now, now};
  static_cast<void>(utimensat(AT_FDCWD, space_->CopyPath(id).c_str(), times, 0));
  return std::make_shared<const View>(std::move(file), footer.size_bytes, pin);
}

absl::StatusOr<std::shared_ptr<const FileView>> ObjectCache::Core::Map(const std::string& name,
                                                                       const CacheSource& source) {
  const std::string id = Hex(HashOf128(name));
  STRATA_ASSIGN_OR_RETURN(const std::shared_ptr<Pin> pin, Take(id));
  const Turn turn(this, id);
  auto copy = OpenCopy(id, pin);
  if (absl::IsDataLoss(copy.status())) {
    STRATA_RETURN_IF_ERROR(Remove(id));
  } else if (!absl::IsNotFound(copy.status())) {
    return copy;
  }
  STRATA_RETURN_IF_ERROR(Fill(id, name, source));
  copy = OpenCopy(id, pin);
  return copy.ok() ? std::move(copy) : WithContext(copy.status(), fmt::format("cache of '{}'", name));
}

absl::Status ObjectCache::Core::Forget(const std::string& name) {
  const std::string id = Hex(HashOf128(name));
  const Turn turn(this, id);
  return Remove(id);
}

// Takes the name away; whoever has it mapped keeps the bytes.
absl::Status ObjectCache::Core::Remove(const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    verified_.erase(id);
  }
  const auto info = files_->Stat(space_->CopyPath(id));
  if (absl::IsNotFound(info.status())) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(info.status());
  if (unlink(space_->CopyPath(id).c_str()) == 0) {
    space_->GiveBack(info->size_bytes);
    return absl::OkStatus();
  }
  return errno == ENOENT ? absl::OkStatus() : ErrnoError(errno, "remove", space_->CopyPath(id));
}

absl::Status ObjectCache::Core::Fill(const std::string& id, const std::string& name, const CacheSource& source) {
  STRATA_ASSIGN_OR_RETURN(const uint64_t size, source.size());
  const uint64_t bytes = size + sizeof(Footer);
  if (bytes > space_->bytes_max()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "CACHE_TOO_SMALL",
                     fmt::format("'{}' has {} bytes, and --cache-bytes allows {} in {}; give it {} at least", name,
                                 size, FormatByteSize(space_->bytes_max()), space_->folder(), bytes),
                     {{"flag", "--cache-bytes"}});
  }
  STRATA_ASSIGN_OR_RETURN(const CacheTemporary file,
                          space_->Reserve(id, bytes, [this](const std::string& other) { return Evict(other); }));
  absl::Status status = WriteCopy(file, name, size, source);
  if (close(file.descriptor) != 0 && status.ok()) status = ErrnoError(errno, "close", file.path);
  bool kept = status.ok();
  if (kept && renameat2(AT_FDCWD, file.path.c_str(), AT_FDCWD, space_->CopyPath(id).c_str(), RENAME_NOREPLACE) != 0) {
    kept = false;  // where it exists, another process was quicker
    if (errno != EEXIST) status = ErrnoError(errno, "rename", file.path);
  }
  if (!kept) {
    static_cast<void>(unlink(file.path.c_str()));  // else the next process to open the folder does it
    space_->GiveBack(bytes);
  }
  space_->locks().Unlock(file.slot);
  return status;
}

absl::Status ObjectCache::Core::Write(const CacheTemporary& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoError(written < 0 ? errno : EIO, "write", file.path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status ObjectCache::Core::WriteCopy(const CacheTemporary& file, const std::string& name, uint64_t size,
                                          const CacheSource& source) {
  StreamHash hash;
  uint64_t fetched = 0;
  STRATA_RETURN_IF_ERROR(source.fetch(size, [&](std::string_view chunk) -> absl::Status {
    fetched += chunk.size();
    if (fetched > size) return absl::OkStatus();  // told below; no more than reserved goes to the disk
    hash.Add(chunk);
    return Write(file, chunk);
  }));
  if (fetched != size) {
    return MakeError(absl::StatusCode::kDataLoss, "SIZE_MISMATCH",
                     fmt::format("'{}': {} bytes came, {} were announced", name, fetched, size));
  }
  Footer footer;
  footer.size_bytes = size;
  footer.checksum = hash.Digest64();
  char bytes[sizeof(footer)];
  std::memcpy(bytes, &footer, sizeof(footer));
  return Write(file, {bytes, sizeof(bytes)});
}

// False when somebody has it mapped.
absl::StatusOr<bool> ObjectCache::Core::Evict(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (pins_.contains(id)) return false;
  STRATA_ASSIGN_OR_RETURN(const bool ours, space_->locks().TryExclusive(CacheSpace::SlotOf(id)));
  if (!ours) return false;
  const bool gone = unlink(space_->CopyPath(id).c_str()) == 0 || errno == ENOENT;
  const int error = errno;
  space_->locks().Unlock(CacheSpace::SlotOf(id));
  if (!gone) return ErrnoError(error, "remove", space_->CopyPath(id));
  verified_.erase(id);
  return true;
}

ObjectCache::ObjectCache(std::shared_ptr<Core> core) : core_(std::move(core)) {}
ObjectCache::~ObjectCache() = default;

absl::StatusOr<std::unique_ptr<ObjectCache>> ObjectCache::Open(ObjectCacheOptions options) {
  STRATA_ASSIGN_OR_RETURN(auto space, CacheSpace::Open(std::move(options.folder), options.bytes_max));
  const auto core = std::make_shared<Core>(std::move(space));
  STRATA_RETURN_IF_ERROR(core->CleanUp());
  return std::unique_ptr<ObjectCache>(new ObjectCache(core));
}

absl::StatusOr<std::shared_ptr<const FileView>> ObjectCache::Map(const std::string& name, const CacheSource& source) {
  return core_->Map(name, source);
}
absl::Status ObjectCache::Forget(const std::string& name) { return core_->Forget(name); }

}  // namespace strata
