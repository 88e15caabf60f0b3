#include "base/process_memory.h"

#include <malloc.h>

namespace strata {

void HoldLittleFreedMemory() {
  constexpr int kLargeBytes = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);  // setting it also keeps it from growing
  mallopt(M_TRIM_THRESHOLD, kLargeBytes);
  mallopt(M_ARENA_MAX, 2);  // every arena keeps pieces of its own
}

void ReturnFreedMemory() { malloc_trim(0); }

}  // namespace strata
