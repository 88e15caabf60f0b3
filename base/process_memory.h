// What the C library does with memory that the program has freed. Calls are of the whole process and thread-safe.
#pragma once

namespace strata {

// From now on freed blocks of 128 KiB or more go back to the system at once, instead of being kept for the next one:
// slower, and memory in use is memory held. For processes that were given a limit, before they begin to work.
void HoldLittleFreedMemory();

// Gives back what was freed and kept.
void ReturnFreedMemory();

}  // namespace strata
