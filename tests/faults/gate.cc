// Loaded into a program of the tests by LD_PRELOAD: holds it, or ends it, at the moment when it touches a certain file,
// so that a fault falls into a certain stage and task without a hook in the product.
//
//   STRATA_GATE_CALL    open, close, fsync (or fdatasync), or rename (its target)
//   STRATA_GATE_PATH    a part of the path
//   STRATA_GATE_AFTER   how many times that is let pass first (none)
//   STRATA_GATE_FOLDER  holds two pipes: `hit` gets a line with the process's id, then the thread waits until somebody
//                       opens `go` for writing. Without it the process ends by SIGKILL.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

using OpenCall = int (*)(const char*, int, ...);
using FileCall = int (*)(int);
using RenameCall = int (*)(int, const char*, int, const char*, unsigned);

int RealOpen(const char* path, int flags, mode_t mode) {
  static const auto real = reinterpret_cast<OpenCall>(dlsym(RTLD_NEXT, "open"));
  return real(path, flags, mode);
}

int RealClose(int descriptor) {
  static const auto real = reinterpret_cast<FileCall>(dlsym(RTLD_NEXT, "close"));
  return real(descriptor);
}

bool IsSet(const char* name, const char* value) {
  const char* found = std::getenv(name);
  return found != nullptr && std::strcmp(found, value) == 0;
}

void Pass(const char* call, const char* path) {
  const char* wanted = std::getenv("STRATA_GATE_PATH");
  if (wanted == nullptr || path == nullptr || std::strstr(path, wanted) == nullptr) return;
  if (!IsSet("STRATA_GATE_CALL", call)) return;
  static std::atomic<int> passed = 0;
  const char* after = std::getenv("STRATA_GATE_AFTER");
  if (passed++ < (after == nullptr ? 0 : std::atoi(after))) return;
  const char* folder = std::getenv("STRATA_GATE_FOLDER");
  if (folder == nullptr) raise(SIGKILL);
  char name[4096];
  std::snprintf(name, sizeof(name), "%s/hit", folder);
  const int hit = RealOpen(name, O_WRONLY | O_CLOEXEC, 0);
  dprintf(hit, "%d\n", getpid());
  RealClose(hit);
  std::snprintf(name, sizeof(name), "%s/go", folder);
  RealClose(RealOpen(name, O_RDONLY | O_CLOEXEC, 0));  // returns when there is a writer
}

void PassFile(const char* call, int descriptor) {
  if (!IsSet("STRATA_GATE_CALL", call)) return;
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  path[size < 0 ? 0 : size] = '\0';
  Pass(call, path);
}

}  // namespace

extern "C" int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  Pass("open", path);
  return RealOpen(path, flags, mode);
}

extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static const auto real = reinterpret_cast<RenameCall>(dlsym(RTLD_NEXT, "renameat2"));
  Pass("rename", to);
  return real(from_folder, from, to_folder, to, flags);
}

extern "C" int close(int descriptor) {
  PassFile("close", descriptor);
  return RealClose(descriptor);
}

extern "C" int fsync(int descriptor) {
  static const auto real = reinterpret_cast<FileCall>(dlsym(RTLD_NEXT, "fsync"));
  PassFile("fsync", descriptor);
  return real(descriptor);
}

extern "C" int fdatasync(int descriptor) {
  static const auto real = reinterpret_cast<FileCall>(dlsym(RTLD_NEXT, "fdatasync"));
  PassFile("fsync", descriptor);
  return real(descriptor);
}
