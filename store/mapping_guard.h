// Survives a mapped file that somebody cuts short: reading past its new end is a signal, SIGBUS, that ends the process,
// and with it work that has nothing to do with that file. While a guard lives, what is missing of its bytes reads as
// zeros instead; whoever reads must then look whether the file is still what it was, and drop what was read if not. The
// same signal comes for bytes that are there and cannot be read (a disk that fails, a network disk that is gone): then
// the file looks unchanged, and only hit() tells.
//
// Only for such readers: where nobody looks, zeros would be taken for data. The first guard sets the process's handler
// of SIGBUS; a fault that no guard covers ends the process as before. Thread-safe.
#pragma once

#include <string_view>

namespace strata {

// More than any process reads side by side; guards beyond it guard nothing.
inline constexpr int kGuardsMax = 1024;

class MappingGuard {
 public:
  // `bytes`: a whole mapping, from its first byte; must outlive the guard.
  explicit MappingGuard(std::string_view bytes);
  ~MappingGuard();
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;

  // Whether anything of the bytes was missing when it was read, so that zeros stood in for it. Ask when all reading is
  // done.
  bool hit() const;

 private:
  int slot_ = -1;  // -1: nothing is guarded
};

}  // namespace strata
