// Objects by key: written whole, never overwritten, never renamed. Local folder in production and tests, S3 later.
// Implementations are thread-safe. Errors are those of FileSystem with the key in the message; UNAVAILABLE is retryable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/file_system.h"

namespace strata {

struct ObjectInfo {
  std::string key;
  uint64_t size_bytes = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // All or nothing. ALREADY_EXISTS when the key exists with other content; OK when it exists with the same bytes (a
  // repeated Put of one attempt). `mode` is the permission of the local file (0600 for customer data in clear).
  virtual absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode = 0640) = 0;
  virtual absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) = 0;
  // The whole object, mapped where possible.
  virtual absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) = 0;
  // Keys with the prefix, sorted.
  virtual absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) = 0;
  virtual absl::Status Delete(const std::string& key) = 0;  // OK when it is already gone
};

// Keys are relative paths of [A-Za-z0-9._=-] segments joined by '/'; anything else is INVALID_ARGUMENT.
// `file_system` must outlive the store.
absl::StatusOr<std::unique_ptr<ObjectStore>> NewLocalObjectStore(FileSystem* file_system, std::string root);

// Maps an object and compares XXH3-64 of its bytes with `checksum`; DATA_LOSS (reason CHECKSUM_MISMATCH) names the key.
absl::StatusOr<std::shared_ptr<const FileView>> MapVerified(ObjectStore& store, const std::string& key, uint64_t checksum);

}  // namespace strata
