// Text on the wire: protobuf's strings must be UTF-8, hashes are hexadecimal digits. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace strata {

// The text itself where it is UTF-8; else with every byte that is not part of a well-formed character as "\xNN".
std::string EscapeNonUtf8(std::string_view text);

// The longest prefix of at most `max_bytes` that does not end inside a character. Precondition: IsUtf8(text).
std::string_view Utf8Prefix(std::string_view text, size_t max_bytes);

// The inverse of Hex(uint64_t): exactly 16 lower-case hexadecimal digits.
std::optional<uint64_t> ParseHex(std::string_view text);

}  // namespace strata
