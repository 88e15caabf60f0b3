// What a coordinator needs of the outside to act on a state. All must outlive their user.
#pragma once

#include "base/clock.h"
#include "store/file_system.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "store/state.h"

namespace strata {

struct StateSeams {
  FileSystem* sources = nullptr;
  ObjectStore* objects = nullptr;
  Metadata* metadata = nullptr;
  const Clock* clock = nullptr;
};

inline StateSeams SeamsOf(State* state) {
  return {.sources = &state->sources(),
          .objects = &state->objects(),
          .metadata = &state->metadata(),
          .clock = &state->clock()};
}

}  // namespace strata
