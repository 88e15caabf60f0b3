// How a run may fail in the simulation: each reason with the faults that bring it about. Anything else would be a bug.
#pragma once

#include <string>

#include "tests/simulation/world.h"

namespace strata::simulation {

// Whether a run that began at `begun_ms` may have failed with `reason`: one of its faults was met since then, or so
// shortly before that it could still be felt. Never when all was well as the run began.
bool MayFail(const std::string& reason, int64_t begun_ms, const World& world);

}  // namespace strata::simulation
