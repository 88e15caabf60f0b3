// Whole numbers at the width that the largest of them needs: 1, 2, 4 or 8 bytes. The smallest value of a width stands
// for kNoWhole (missing), so a packed column needs no second one that says where a value is. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/column_type.h"

namespace strata {

// A view of packed values, which must outlive it; they may lie at any address.
class PackedSpan {
 public:
  PackedSpan() = default;
  // Precondition: `width` is 1, 2, 4 or 8, and size × width bytes begin at `data`.
  PackedSpan(const void* data, size_t size, int width)
      : data_(static_cast<const char*>(data)), size_(size), width_(width) {}
  template <typename T>
  explicit PackedSpan(const std::vector<T>& values) : PackedSpan(values.data(), values.size(), sizeof(T)) {}

  size_t size() const { return size_; }
  int width() const { return width_; }
  // Precondition: i < size().
  int64_t operator[](size_t i) const {
    switch (width_) {
      case 1:
        return At<int8_t>(i);
      case 2:
        return At<int16_t>(i);
      case 4:
        return At<int32_t>(i);
      default:
        return At<int64_t>(i);
    }
  }

 private:
  template <typename T>
  int64_t At(size_t i) const {
    T value;
    std::memcpy(&value, data_ + i * sizeof(T), sizeof(T));
    return value == std::numeric_limits<T>::min() ? kNoWhole : int64_t{value};
  }

  const char* data_ = nullptr;
  size_t size_ = 0;
  int width_ = 8;
};

struct Packed {
  int width = 1;
  std::string bytes;

  size_t size() const { return bytes.size() / static_cast<size_t>(width); }
  PackedSpan Span() const { return {bytes.data(), size(), width}; }
};

// Equal values give equal bytes.
Packed Pack(std::span<const int64_t> values);

}  // namespace strata
