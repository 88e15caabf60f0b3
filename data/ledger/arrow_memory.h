// Arrow allocates from a pool of its own.
#pragma once

namespace strata {

// Gives memory that Arrow has freed and kept back to the system. Thread-safe.
void ReturnArrowMemory();

}  // namespace strata
