// What counts as blank, as text, and how a wrong value is shown to people. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace strata {

// Blanks are spaces and tabs; nothing else is trimmed or ignored anywhere.
inline bool IsBlankByte(char c) { return c == ' ' || c == '\t'; }
inline bool IsBlank(std::string_view text) {
  for (const char c : text) {
    if (!IsBlankByte(c)) return false;
  }
  return true;
}
inline std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlankByte(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlankByte(text.back())) text.remove_suffix(1);
  return text;
}
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline char LowerLetter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `text` for a file that people read: bytes that are no UTF-8 and control characters other than tab and line ends as
// \xNN, cut to at most `max_bytes` bytes between characters.
std::string Printable(std::string_view text, size_t max_bytes);

}  // namespace strata
