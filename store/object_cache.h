// A bounded folder of local copies, for objects that are mapped and lie elsewhere. Any number of processes may share
// the folder: a copy is written under another name and appears whole, what any of them has mapped is never evicted, and
// what a dead process left behind is removed by whoever opens the folder next. Least recently mapped goes first.
//
// A copy ends in its size and XXH3-64, written when it fills and compared when a process first maps it: a copy that was
// damaged on disk meanwhile is fetched anew.
//
// Thread-safe. A view keeps its copy in place; it may outlive the cache.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "store/file_system.h"

namespace strata {

// Enough for the features and snapshots of ten million customers; a disk of that much spare room is common.
inline constexpr uint64_t kDefaultCacheBytes = uint64_t{10} << 30;

struct ObjectCacheOptions {
  std::string folder;
  uint64_t bytes_max = kDefaultCacheBytes;  // of all copies in the folder, whoever made them
};

// How an object is fetched: its size, asked first, then all of its bytes in order.
struct CacheSource {
  std::function<absl::StatusOr<uint64_t>()> size;
  using Sink = std::function<absl::Status(std::string_view chunk)>;
  std::function<absl::Status(uint64_t size, const Sink& sink)> fetch;
};

class ObjectCache {
 public:
  // Makes the folder (mode 0700) when missing. PERMISSION_DENIED (CACHE_NOT_OURS) for a folder of another user: copies
  // are customer data.
  static absl::StatusOr<std::unique_ptr<ObjectCache>> Open(ObjectCacheOptions options);
  ~ObjectCache();
  ObjectCache(const ObjectCache&) = delete;
  ObjectCache& operator=(const ObjectCache&) = delete;

  // The copy of `name` (any text), fetched if there is none; one thread of a process fetches, others wait for it.
  // FAILED_PRECONDITION (CACHE_TOO_SMALL) for an object larger than the bound; RESOURCE_EXHAUSTED (CACHE_FULL) when
  // too much is mapped at the moment; DATA_LOSS (CACHE_CORRUPT) when a fresh copy does not read back; else the source's
  // errors and the disk's.
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& name, const CacheSource& source);
  // The next Map fetches anew. Views of the old copy stay good.
  absl::Status Forget(const std::string& name);

 private:
  class Core;
  explicit ObjectCache(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace strata
