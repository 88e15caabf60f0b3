// The words of a condition. Keywords are words like any other here: the parser knows where one is expected. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/segments/condition_error.h"

namespace strata {

enum class TokenKind : uint8_t {
  kWord,    // a name or keyword: a letter or underscore, then letters, digits and underscores (ASCII)
  kQuoted,  // a name between double quotes, a doubled one is a quote; never a keyword
  kNumber,  // digits with an optional point and exponent, as written
  kText,    // between single quotes, a doubled one is a quote; text without them
  kSymbol,  // ( ) , . = <> < <= > >= + - * /; != is given as <>
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  SourcePosition position;
};

// All tokens, the last of which is kEnd. Blanks, line ends and comments (-- to the end of a line) are left out.
// SEGMENT_INVALID (ConditionError): no UTF-8, an open quote, a character that no condition has.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view condition);

}  // namespace strata
