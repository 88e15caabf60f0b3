// The calls by which PosixFileSystem reaches the kernel, so that a test can let the n-th of them fail, stop half way or
// be interrupted. Production uses the defaults (NewPosixFileSystem() in store/file_system.h).
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "store/file_system.h"

namespace strata {

// Each behaves as the system call of its name: -1 and errno on failure.
struct PosixCalls {
  PosixCalls();  // the system's own

  std::function<int(const char* path, int flags, mode_t mode)> open;
  std::function<ssize_t(int descriptor, const void* data, size_t size)> write;
  std::function<ssize_t(int descriptor, void* data, size_t size, off_t offset)> pread;
  std::function<int(int descriptor)> fsync;
  std::function<int(int descriptor)> close;
  std::function<int(const char* from, const char* to)> rename_no_replace;  // renameat2(RENAME_NOREPLACE)
  std::function<int(const char* from, const char* to)> link;
  std::function<int(const char* path)> unlink;
  std::function<int(const char* path, mode_t mode)> mkdir;
};

std::unique_ptr<FileSystem> NewPosixFileSystem(PosixCalls calls);

}  // namespace strata
