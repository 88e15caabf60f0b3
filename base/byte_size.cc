#include "base/byte_size.h"

#include <fmt/format.h>

#include <charconv>

namespace strata {
namespace {

struct Suffix {
  std::string_view text;
  int shift;
};
constexpr Suffix kSuffixes[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};

}  // namespace

absl::StatusOr<uint64_t> ParseByteSize(std::string_view text) {
  std::string_view digits = text;
  int shift = 0;
  for (const Suffix& suffix : kSuffixes) {
    if (!text.ends_with(suffix.text)) continue;
    digits.remove_suffix(suffix.text.size());
    shift = suffix.shift;
  }
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (whole && number > 0 && number <= UINT64_MAX >> 1 >> shift) return number << shift;
  return MakeError(absl::StatusCode::kInvalidArgument, "BYTES_INVALID",
                   fmt::format("found '{}'; allowed is a whole number of bytes from 1 on, with KiB, MiB or GiB behind "
                               "it if you like, below 8 EiB",
                               text.substr(0, 64)));
}

std::string FormatByteSize(uint64_t bytes) {
  for (const Suffix& suffix : kSuffixes) {
    const uint64_t unit = uint64_t{1} << suffix.shift;
    if (bytes > 0 && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, suffix.text);
  }
  return std::to_string(bytes);
}

}  // namespace strata
