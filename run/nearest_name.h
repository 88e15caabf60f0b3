// Guesses what a person meant by a misspelt name. Pure functions; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace strata {

// The candidate with the smallest edit distance to `name`, letters compared without case; the first of equals; else
// the first one that begins with `name`. A far guess misleads: empty when none is within a third of the name's length
// (at least two edits) and none begins with it.
std::string NearestName(std::string_view name, std::span<const std::string> candidates);

// "; did you mean 'x'?" or "".
std::string DidYouMean(std::string_view name, std::span<const std::string> candidates);

}  // namespace strata
