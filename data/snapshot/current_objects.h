// The current pointer as objects, for readers that have no metadata: jobs/<job>/current/<generation>, each holding what
// the metadata held at that generation. Written by who leads, after the commit that switched, and again when a
// coordinator takes the lead. Pure functions over an object store; thread-safe as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "run/current.h"
#include "store/object_store.h"

namespace strata {

// Pointers that a writer leaves in place. A reader lists and then reads the highest, so it loses its object only to
// this many switches between the two, and then it keeps what it has and looks again; and an object that a fault of the
// store made unreadable leaves these to fall back to where nothing was read before.
inline constexpr int64_t kKeptGenerations = 8;
inline constexpr size_t kMaxPointerBytes = 1024;      // one is about 100 bytes; more is something else
inline constexpr size_t kMaxPointersTried = 32;       // far more than are kept; beyond, somebody else fills the folder
inline constexpr size_t kMaxIgnoredObjectsNamed = 3;  // in a message; the others are counted

struct FoundPointer {
  std::optional<CurrentPointer> pointer;  // the valid one of the highest generation
  // Why objects above it, or that are no pointers by their name, were ignored: "KEY: WHY". At most
  // kMaxIgnoredObjectsNamed, then one that counts the others.
  std::vector<std::string> ignored;
};
// What a reader follows. An error to list or read is returned and never stepped over: behind it may be the newest.
absl::StatusOr<FoundPointer> FindCurrentObject(ObjectStore& objects, const std::string& job);

// Writes the pointer's object and removes those of kKeptGenerations generations before and older. OK when it is there.
// Precondition: `pointer` was committed as the current one. ALREADY_EXISTS (OBJECT_DIFFERS) where another pointer of
// that generation is there; what is no pointer is replaced.
absl::Status WriteCurrentObject(ObjectStore& objects, const std::string& job, const CurrentPointer& pointer);

}  // namespace strata
