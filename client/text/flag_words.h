// How flags are spoken of: in commands that a reader may copy, and in errors. Pure functions; thread-safe.
#pragma once

#include <string>

#include "base/status.h"

namespace strata {

inline constexpr char kDefaultState[] = ".strata";

// Text as a POSIX shell takes it literally.
std::string ShellQuoted(const std::string& text);

// " --state DIR", quoted for a shell; empty for the default.
std::string StateWords(const std::string& state);

// A flag that says something impossible: INVALID_ARGUMENT (FLAG_INVALID) naming it.
absl::Status FlagInvalid(const std::string& flag, const std::string& found, const std::string& allowed);

}  // namespace strata
