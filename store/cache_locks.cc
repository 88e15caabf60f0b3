#include "store/cache_locks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "store/errno_error.h"

namespace strata {

absl::StatusOr<std::unique_ptr<CacheLocks>> CacheLocks::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return ErrnoError(errno, "open", path);
  return std::unique_ptr<CacheLocks>(new CacheLocks(path, descriptor));
}

CacheLocks::~CacheLocks() { close(descriptor_); }

absl::StatusOr<bool> CacheLocks::Take(int64_t slot, int16_t type, bool wait) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = slot;
  lock.l_len = 1;
  while (fcntl(descriptor_, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) != 0) {
    if (errno == EINTR) continue;
    if (!wait && (errno == EAGAIN || errno == EACCES)) return false;
    return ErrnoError(errno, "lock", path_);
  }
  return true;
}

absl::Status CacheLocks::LockShared(int64_t slot) { return Take(slot, F_RDLCK, /*wait=*/true).status(); }
absl::Status CacheLocks::LockExclusive(int64_t slot) { return Take(slot, F_WRLCK, /*wait=*/true).status(); }
absl::StatusOr<bool> CacheLocks::TryExclusive(int64_t slot) { return Take(slot, F_WRLCK, /*wait=*/false); }
// Unlocking what is held fails only where the descriptor is none.
void CacheLocks::Unlock(int64_t slot) { static_cast<void>(Take(slot, F_UNLCK, /*wait=*/false)); }

absl::StatusOr<uint64_t> CacheLocks::ReadNumber() {
  uint64_t number = 0;
  const ssize_t got = pread(descriptor_, &number, sizeof(number), 0);
  if (got < 0) return ErrnoError(errno, "read", path_);
  return got == sizeof(number) ? number : 0;  // a new file has none yet
}

absl::Status CacheLocks::WriteNumber(uint64_t number) {
  if (pwrite(descriptor_, &number, sizeof(number), 0) == sizeof(number)) return absl::OkStatus();
  return ErrnoError(errno == 0 ? EIO : errno, "write", path_);
}

}  // namespace strata
