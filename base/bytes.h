// The one binary encoding of Strata: little-endian integers, doubles by their bits, texts and vectors with a 32-bit
// length. Canonical: equal values have equal bytes, so bytes can be hashed and compared. Not thread-safe; a reader
// views memory that must outlive it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/int128.h"
#include "base/status.h"

namespace strata {

static_assert(std::endian::native == std::endian::little, "the formats of Strata are little-endian");

class ByteWriter {
 public:
  void U8(uint8_t value) { Raw(&value, sizeof(value)); }
  void U32(uint32_t value) { Raw(&value, sizeof(value)); }
  void U64(uint64_t value) { Raw(&value, sizeof(value)); }
  void I32(int32_t value) { Raw(&value, sizeof(value)); }
  void I64(int64_t value) { Raw(&value, sizeof(value)); }
  void I128(Int128 value) { Raw(&value, sizeof(value)); }
  void F64(double value) { Raw(&value, sizeof(value)); }
  void Text(std::string_view value) {
    U32(static_cast<uint32_t>(value.size()));
    Raw(value.data(), value.size());
  }
  // A vector of a trivially copyable type without padding (integers, doubles).
  template <typename T>
  void Array(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T> && (std::is_arithmetic_v<T> || std::is_same_v<T, Int128>));
    U32(static_cast<uint32_t>(values.size()));
    Raw(values.data(), values.size() * sizeof(T));
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  void Raw(const void* data, size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }

  std::string bytes_;
};

// Reading past the end yields zeros and turns ok() false for good: decode everything, then ask Finish() once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t U8() { return Scalar<uint8_t>(); }
  uint32_t U32() { return Scalar<uint32_t>(); }
  uint64_t U64() { return Scalar<uint64_t>(); }
  int32_t I32() { return Scalar<int32_t>(); }
  int64_t I64() { return Scalar<int64_t>(); }
  Int128 I128() { return Scalar<Int128>(); }
  double F64() { return Scalar<double>(); }
  std::string_view Text() {
    const uint32_t size = U32();
    return Raw(size);
  }
  template <typename T>
  std::vector<T> Array() {
    const uint64_t count = U32();
    const std::string_view raw = Raw(count * sizeof(T));
    std::vector<T> values(raw.size() / sizeof(T));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

  bool ok() const { return ok_; }
  // For decoders: what was read cannot be. From here on as if bytes were missing, but Finish() says so.
  void Fail() { ok_ = false, damaged_ = true; }
  // OK when everything was read, nothing was missing and nothing is left; else DATA_LOSS naming `what`.
  absl::Status Finish(std::string_view what) const;

 private:
  template <typename T>
  T Scalar() {
    T value{};
    const std::string_view raw = Raw(sizeof(T));
    if (raw.size() == sizeof(T)) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  std::string_view Raw(uint64_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view raw = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return raw;
  }

  std::string_view rest_;
  bool ok_ = true;
  bool damaged_ = false;
};

}  // namespace strata
