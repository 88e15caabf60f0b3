// Locks that processes which share a folder take on names: byte ranges of one file ("open file description" locks of
// Linux), which the kernel frees when a process dies, however it dies. One descriptor, any number of names.
//
// Locks of one CacheLocks never exclude one another: its owner keeps its own threads apart. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

namespace strata {

class CacheLocks {
 public:
  // The file is made when missing. Errors of FileSystem.
  static absl::StatusOr<std::unique_ptr<CacheLocks>> Open(const std::string& path);
  ~CacheLocks();
  CacheLocks(const CacheLocks&) = delete;
  CacheLocks& operator=(const CacheLocks&) = delete;

  // Slots are numbers below 2^62. Waits for others' exclusive locks, which are held for moments.
  absl::Status LockShared(int64_t slot);
  absl::Status LockExclusive(int64_t slot);
  // False when another process has it.
  absl::StatusOr<bool> TryExclusive(int64_t slot);
  void Unlock(int64_t slot);

  // A number that all processes share, kept in the file; read and write it under an exclusive lock.
  absl::StatusOr<uint64_t> ReadNumber();
  absl::Status WriteNumber(uint64_t number);

 private:
  CacheLocks(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  absl::StatusOr<bool> Take(int64_t slot, int16_t type, bool wait);

  const std::string path_;
  const int descriptor_;
};

}  // namespace strata
