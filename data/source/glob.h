// File-name patterns. Pure functions; thread-safe.
#pragma once

#include <string_view>

namespace strata {

// True when the text holds *, ? or [.
bool HasWildcard(std::string_view text);

// Matches one path segment: * any characters, ? one, [abc], [a-z], [!a] one of a class; a [ that is never closed is
// itself. A name that begins with a dot is matched only by a pattern that does.
bool GlobMatches(std::string_view pattern, std::string_view name);

}  // namespace strata
