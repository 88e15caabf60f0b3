// System calls that fail on demand: the n-th that changes something, or that and all after it.
#pragma once

#include <cerrno>
#include <memory>

#include "store/posix_file_system.h"

namespace strata {

struct FaultPlan {
  int fail_at = 0;        // the n-th changing call, from 1; 0: none
  int error = EIO;        // its errno
  bool for_good = false;  // and every later one: the disk has died
  int calls = 0;          // counted here
  int fired = 0;

  bool Fails() {
    ++calls;
    if (fail_at == 0 || calls < fail_at || (!for_good && calls > fail_at)) return false;
    ++fired;
    errno = error;
    return true;
  }
};

// The system's calls under a plan. `plan` must outlive them.
inline PosixCalls FaultyCalls(FaultPlan* plan) {
  const PosixCalls real;
  PosixCalls calls;
  calls.open = [=](const char* path, int flags, mode_t mode) {
    return plan->Fails() ? -1 : real.open(path, flags, mode);
  };
  calls.write = [=](int descriptor, const void* data, size_t size) -> ssize_t {
    if (!plan->Fails()) return real.write(descriptor, data, size);
    // A disk that fills up or dies takes some bytes before it says so.
    const int error = errno;
    if (real.write(descriptor, data, size / 2) < 0) return -1;
    errno = error;
    return -1;
  };
  // No power is cut here, so the disk need not be waited for.
  calls.fsync = [=](int) { return plan->Fails() ? -1 : 0; };
  calls.close = [=](int descriptor) {
    const int closed = real.close(descriptor);  // Linux frees the descriptor also when it reports an error
    return plan->Fails() ? -1 : closed;
  };
  calls.rename_no_replace = [=](const char* from, const char* to) {
    return plan->Fails() ? -1 : real.rename_no_replace(from, to);
  };
  calls.link = [=](const char* from, const char* to) { return plan->Fails() ? -1 : real.link(from, to); };
  calls.unlink = [=](const char* path) { return plan->Fails() ? -1 : real.unlink(path); };
  calls.mkdir = [=](const char* path, mode_t mode) { return plan->Fails() ? -1 : real.mkdir(path, mode); };
  return calls;
}

}  // namespace strata
