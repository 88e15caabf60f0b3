#include "data/source/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace strata {

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string shown;
  for (size_t i = 0; i < text.size();) {
    const size_t bytes = Utf8SequenceBytes(text, i);
    const uint8_t first = static_cast<uint8_t>(text[i]);
    const bool control = first == 0x7F || (first < 0x20 && first != '\t' && first != '\n' && first != '\r');
    const std::string piece =
        bytes == 0 || control ? fmt::format("\\x{:02x}", first) : std::string(text.substr(i, bytes));
    if (shown.size() + piece.size() > max_bytes) break;
    shown += piece;
    i += bytes == 0 ? 1 : bytes;
  }
  return shown;
}

}  // namespace strata
