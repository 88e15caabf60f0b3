// Which snapshot of a job answers when nobody asks for a certain one. Truth is the metadata key CurrentKey(job); object
// CurrentObject(job, generation) holds the same text for readers without metadata. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

struct CurrentPointer {
  int64_t generation = 0;          // rises by one at every switch, roll-back included; 1 or more
  int64_t snapshot = 0;            // its number; 1 or more
  uint64_t manifest_checksum = 0;  // XXH3-64 of the manifest's bytes

  bool operator==(const CurrentPointer&) const = default;

  // Canonical: equal values have equal bytes.
  std::string ToJson() const;
  // DATA_LOSS (CURRENT_CORRUPT) for anything that ToJson did not write, FAILED_PRECONDITION (FORMAT_UNKNOWN) for
  // another version of the format.
  static absl::StatusOr<CurrentPointer> FromJson(std::string_view json);
};

}  // namespace strata
