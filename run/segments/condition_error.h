// Where in a condition something is, and errors that say so. Pure; thread-safe.
#pragma once

#include <string_view>

#include "base/status.h"

namespace strata {

// Both from 1; a column is a character (a UTF-8 sequence), a tab is one.
struct SourcePosition {
  int line = 1;
  int column = 1;
  auto operator<=>(const SourcePosition&) const = default;
};

// INVALID_ARGUMENT (SEGMENT_INVALID) with metadata `line` and `column`; whoever knows the segment and the file adds
// them (run/segments/condition.h).
absl::Status ConditionError(SourcePosition position, std::string_view problem);

}  // namespace strata
