// Objects by key: written whole, never overwritten, never renamed. A local folder or S3 (store/open_store.h opens
// either). Implementations are thread-safe and pass one conformance test (tests/store/object_store_conformance.h).
// Errors are those of FileSystem with the key in the message, INVALID_ARGUMENT (reason KEY_INVALID) for a key that is
// none, and UNAVAILABLE, which is retryable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/file_system.h"

namespace strata {

inline constexpr size_t kMaxKeyBytes = 1024;        // S3's limit
inline constexpr size_t kMaxKeySegmentBytes = 255;  // a file name's limit on Linux

struct ObjectInfo {
  std::string key;
  uint64_t size_bytes = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // All or nothing, durable when it returns OK. ALREADY_EXISTS (reason OBJECT_DIFFERS) when the key exists with other
  // content; OK when it exists with the same bytes (a repeated Put of one attempt). `mode` is the permission of the
  // local file (0600 for customer data in clear).
  virtual absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode = 0640) = 0;
  // Put for what a run's own tasks read and can compute again: verified by whoever maps it, gone when the run is over.
  // It need not survive a power cut: the object may then be missing, or there with other bytes, which a repeated
  // PutVolatile replaces. Preconditions: the key ends in a checksum of the bytes, so that such bytes can only be
  // damage; and a key is written by Put or by PutVolatile, never by both: Put of bytes that are there already makes no
  // more than their name durable. Here as Put; stores that pay for durability do less.
  virtual absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode = 0640);
  // At most `size` bytes from `offset`; fewer only where the object ends, none at or behind its end.
  virtual absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) = 0;
  // The whole object, mapped where possible.
  virtual absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) = 0;
  // Keys with the prefix, sorted. A prefix need not end at a '/'; the empty one lists everything.
  virtual absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) = 0;
  // The names of the folders directly below `folder`, which ends at a '/', sorted: "a" for an object "jobs/a/b" below
  // "jobs/". May name one whose last object is gone. Here in terms of List; stores that can ask for just these do.
  virtual absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder);
  // OK when it is already gone. After a power cut a deleted object may be back: delete it again.
  virtual absl::Status Delete(const std::string& key) = 0;
  // Deletes each of the keys, as Delete does; where requests are far apart, many at once.
  virtual absl::Status DeleteAll(const std::vector<std::string>& keys);
  // A hint that these keys are mapped next, so that they may be fetched side by side. What fails here fails in Map.
  virtual void Prefetch(const std::vector<std::string>& keys);
  // What was mapped of the key is not what was written: drops a local copy, if there is one, and says whether another
  // Map may give other bytes.
  virtual absl::StatusOr<bool> Distrust(const std::string&) { return false; }
};

// OK for relative paths of segments [A-Za-z0-9._=-]+ joined by '/', none of which begins with '.' (so neither '..' nor
// a hidden file can be named); else INVALID_ARGUMENT, reason KEY_INVALID. Every implementation asks it first.
absl::Status ValidateKey(std::string_view key);

// A folder as an object store; what is missing of `root` is made by the first Put. Any number of processes may share
// it. FAILED_PRECONDITION (reason ROOT_NOT_A_FOLDER) when `root` is a file. `file_system` must outlive the store.
//
// Put writes to `root`/.tmp, fsyncs, renames without replacing and fsyncs the folder. A process that dies in between
// leaves a file in `root`/.tmp, which is never listed; RemoveStaleTemporaries takes such files away.
absl::StatusOr<std::unique_ptr<ObjectStore>> NewLocalObjectStore(FileSystem* file_system, std::string root);

// Removes what Puts of dead processes left behind: temporary files last written before `modified_before_ns` (since
// 1970-01-01 UTC). Give writers of other processes hours: a Put whose file is taken away fails. Returns how many.
absl::StatusOr<int64_t> RemoveStaleTemporaries(FileSystem* file_system, const std::string& root,
                                               int64_t modified_before_ns);

// Maps an object and compares XXH3-64 of its bytes with `checksum`, of a second copy too where the first was a cached
// one; DATA_LOSS (reason CHECKSUM_MISMATCH) names the key.
absl::StatusOr<std::shared_ptr<const FileView>> MapVerified(ObjectStore& store, const std::string& key,
                                                            uint64_t checksum);

}  // namespace strata
