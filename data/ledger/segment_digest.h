// The logical digest of a segment: XXH3-128 over customers in the order (hash, id), their days summed over all files,
// and their lines where there are any. No file numbers, no layout: the same for any nights, segments or compaction. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "data/ledger/ledger.h"

namespace strata {

class SegmentDigest {
 public:
  explicit SegmentDigest(bool has_lines);
  // Then its days in ascending order, then its lines in the order of the ledger.
  void BeginCustomer(std::string_view id);
  void AddDay(Day day, int64_t net_micros, int64_t rows, int64_t return_rows);
  void AddLine(const LedgerLine& line);
  Hash128 Finish();

 private:
  // Appends values as ByteWriter would write them, one after another; makes room first.
  template <typename... Values>
  void Append(const Values&... values) {
    constexpr size_t kBytes = (sizeof(Values) + ...);
    if (size_ + kBytes > pending_.size()) Flush();
    char* at = pending_.data() + size_;
    ((std::memcpy(at, &values, sizeof(Values)), at += sizeof(Values)), ...);
    size_ += kBytes;
  }
  void Flush();

  std::string pending_;  // of fixed size, the first size_ bytes are not hashed yet
  size_t size_ = 0;
  StreamHash hash_;
};

}  // namespace strata
