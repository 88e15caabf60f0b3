// Partials of reports that count customers, and add up amounts, by a key: they keep the laws of report.h whatever the
// key. Plain values, not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/column_type.h"
#include "base/int128.h"

namespace strata {

inline void EncodeKey(const std::string& key, ByteWriter* writer) { writer->Text(key); }
inline void DecodeKey(ByteReader* reader, std::string* key) { *key = std::string(reader->Text()); }
template <size_t N>
void EncodeKey(const std::array<int32_t, N>& key, ByteWriter* writer) {
  for (const int32_t part : key) writer->I32(part);
}
template <size_t N>
void DecodeKey(ByteReader* reader, std::array<int32_t, N>* key) {
  for (int32_t& part : *key) part = reader->I32();
}
template <typename First, typename Second>
void EncodeKey(const std::pair<First, Second>& key, ByteWriter* writer) {
  EncodeKey(key.first, writer);
  EncodeKey(key.second, writer);
}
template <typename First, typename Second>
void DecodeKey(ByteReader* reader, std::pair<First, Second>* key) {
  DecodeKey(reader, &key->first);
  DecodeKey(reader, &key->second);
}

template <typename Key, size_t kSums>
struct KeyedSums {
  struct Line {
    int64_t customers = 0;
    std::array<Int128, kSums> sums = {};

    void Add(const Line& other) {
      customers += other.customers;
      for (size_t i = 0; i < kSums; ++i) sums[i] += other.sums[i];
    }
  };
  std::map<Key, Line> lines;

  // One customer; an absent amount (kNoWhole) counts as nothing.
  void Add(const Key& key, const std::array<int64_t, kSums>& amounts = {}) {
    Line& line = lines[key];
    ++line.customers;
    for (size_t i = 0; i < kSums; ++i) line.sums[i] += amounts[i] == kNoWhole ? 0 : amounts[i];
  }
  void Merge(const KeyedSums& other) {
    for (const auto& [key, line] : other.lines) lines[key].Add(line);
  }
  void Encode(ByteWriter* writer) const {
    writer->U32(static_cast<uint32_t>(lines.size()));
    for (const auto& [key, line] : lines) {
      EncodeKey(key, writer);
      writer->I64(line.customers);
      for (const Int128 sum : line.sums) writer->I128(sum);
    }
  }
  static KeyedSums Decode(ByteReader* reader) {
    KeyedSums decoded;
    const uint32_t size = reader->U32();
    for (uint32_t i = 0; i < size && reader->ok(); ++i) {
      Key key;
      DecodeKey(reader, &key);
      Line& line = decoded.lines[key];
      line.customers = reader->I64();
      for (Int128& sum : line.sums) sum = reader->I128();
    }
    return decoded;
  }
};

// Of reports whose rows are all in the models.
struct NoPartial {
  void Merge(const NoPartial&) {}
  void Encode(ByteWriter*) const {}
  static NoPartial Decode(ByteReader*) { return {}; }
};

}  // namespace strata
