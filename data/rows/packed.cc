#include "data/rows/packed.h"

#include <algorithm>

namespace strata {
namespace {

template <typename T>
Packed PackAs(std::span<const int64_t> values) {
  Packed packed{.width = sizeof(T), .bytes = std::string(values.size() * sizeof(T), '\0')};
  char* at = packed.bytes.data();
  for (const int64_t value : values) {
    const T narrow = value == kNoWhole ? std::numeric_limits<T>::min() : static_cast<T>(value);
    std::memcpy(at, &narrow, sizeof(T));
    at += sizeof(T);
  }
  return packed;
}

// Whether all values between the two have a place of their own beside the one for missing.
template <typename T>
bool Holds(int64_t lowest, int64_t highest) {
  return lowest > std::numeric_limits<T>::min() && highest <= std::numeric_limits<T>::max();
}

}  // namespace

Packed Pack(std::span<const int64_t> values) {
  int64_t lowest = 0, highest = 0;
  for (const int64_t value : values) {
    lowest = std::min(lowest, value == kNoWhole ? 0 : value);
    highest = std::max(highest, value);
  }
  if (Holds<int8_t>(lowest, highest)) return PackAs<int8_t>(values);
  if (Holds<int16_t>(lowest, highest)) return PackAs<int16_t>(values);
  if (Holds<int32_t>(lowest, highest)) return PackAs<int32_t>(values);
  return PackAs<int64_t>(values);
}

}  // namespace strata
