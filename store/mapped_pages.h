// Giving back the memory of mapped files. A page of a mapped file counts as memory of the process from its first read
// until it is given back or the mapping ends; reading it again brings it back, from the system's cache where it still
// is there. Thread-safe.
#pragma once

#include <cstdint>
#include <limits>

#include "store/file_system.h"

namespace strata {

// What a FileView of mapped bytes also is.
class MappedPages {
 public:
  virtual ~MappedPages() = default;
  // Of the bytes [begin, end); pages that reach beyond them stay.
  virtual void Release(uint64_t begin, uint64_t end) const = 0;
};

// Of a view that has none, nothing happens.
inline void ReleasePages(const FileView& view, uint64_t begin = 0,
                         uint64_t end = std::numeric_limits<uint64_t>::max()) {
  if (const auto* pages = dynamic_cast<const MappedPages*>(&view)) pages->Release(begin, end);
}

}  // namespace strata
