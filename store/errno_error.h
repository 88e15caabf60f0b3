// What a failed system call means for the caller. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

// One of FileSystem's errors (store/file_system.h), naming the operation and the path. Precondition: error != 0.
absl::Status ErrnoError(int error, std::string_view operation, const std::string& path);

}  // namespace strata
