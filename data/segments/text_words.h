// Texts of conditions as codes: places in ascending words, so that codes compare as their texts do. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "run/segments/node.h"

namespace strata {

using Words = std::vector<std::string_view>;  // ascending by bytes, distinct; views

struct MergedTexts {
  Words words;
  std::vector<std::vector<int64_t>> codes;  // by source, by its own code
};
MergedTexts MergeTexts(const std::vector<const Words*>& sources);

// A comparison of a text with a literal as one of its code with a number. Codes are never negative, so = -1 is never
// true and <> -1 is true of every text.
struct CodeComparison {
  NodeKind kind = NodeKind::kEqual;
  int64_t code = 0;
};
// `kind` is kEqual … kGreaterEqual, the literal on its right.
CodeComparison ComparedWith(NodeKind kind, const Words& words, std::string_view literal);

// SQL's LIKE: % any characters, _ one character (a UTF-8 sequence), nothing escapes them. Takes at most text times
// pattern steps.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace strata
