// The folder of an object cache and the account of its bytes, shared by all processes that use it: who may write how
// much, what is evicted for it, and what dead processes left behind. store/object_cache.h is for users.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/cache_locks.h"
#include "store/file_system.h"

namespace strata {

// A file that a copy is written to before it has its name. Its slot is locked while its writer lives.
struct CacheTemporary {
  std::string path;
  int descriptor = -1;
  int64_t slot = 0;
};

class CacheSpace {
 public:
  // Makes the folder and what is in it. Errors as ObjectCache::Open.
  static absl::StatusOr<std::unique_ptr<CacheSpace>> Open(std::string folder, uint64_t bytes_max);

  const std::string& folder() const { return folder_; }
  uint64_t bytes_max() const { return bytes_max_; }
  std::string CopyPath(std::string_view id) const;
  CacheLocks& locks() { return *locks_; }
  // The lock slot of a copy's id or a temporary file's name; two names in one slot only keep a copy longer.
  static int64_t SlotOf(std::string_view name);

  // Takes a copy's name away unless somebody uses it; says whether it did. Called with this object's account locked.
  using Evict = std::function<absl::StatusOr<bool>(const std::string& id)>;
  // Books `bytes` for a copy and opens the file to write it to; evicts the least recently used ones for it.
  // RESOURCE_EXHAUSTED (CACHE_FULL) when too much is in use.
  absl::StatusOr<CacheTemporary> Reserve(const std::string& id, uint64_t bytes, const Evict& evict);
  // Takes back what was booked and did not become a copy, or what a removed copy held.
  void GiveBack(uint64_t bytes);
  // Removes temporary files of dead processes, counts anew what is there and evicts what is above the bound.
  absl::Status CleanUp(const Evict& evict);

 private:
  struct Copy {
    std::string id;
    uint64_t size_bytes = 0;
    int64_t used_ns = 0;
  };

  CacheSpace(std::string folder, uint64_t bytes_max, std::unique_ptr<CacheLocks> locks)
      : folder_(std::move(folder)), bytes_max_(bytes_max), locks_(std::move(locks)) {}
  std::string FillingFolder() const;
  absl::StatusOr<CacheTemporary> MakeTemporary(const std::string& id, uint64_t bytes);
  absl::StatusOr<uint64_t> Scan(std::vector<Copy>* copies);
  absl::StatusOr<uint64_t> MakeRoom(uint64_t bytes, const Evict& evict);

  const std::string folder_;
  const uint64_t bytes_max_;
  const std::unique_ptr<CacheLocks> locks_;
  const std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
  std::mutex mutex_;          // one thread at a time changes the account; the lock on it keeps other processes out
  uint64_t temporaries_ = 0;  // guarded by mutex_
};

}  // namespace strata
