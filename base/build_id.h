// Which build this is: bits are promised equal only within one build. Pure functions; thread-safe.
#pragma once

#include <string>

namespace strata {

// Hash of all sources, the compiler and its flags, 16 hexadecimal digits; the same in every binary of a build.
const char* BuildId();
const char* Version();  // "0.1.0"
// Version and build id, for people: "0.1.0 (build ...)".
std::string BuildVersion();
// BuildId together with the checksums of the loaded libm and libarrow: what a worker tells its coordinator.
std::string RunningBuildId();

}  // namespace strata
