// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace strata {

bool IsUtf8(std::string_view text);

// The bytes of the well-formed sequence at `begin`; 0 when there is none. Precondition: begin < text.size().
size_t Utf8SequenceBytes(std::string_view text, size_t begin);

}  // namespace strata
