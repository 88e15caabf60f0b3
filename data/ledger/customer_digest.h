// The logical digest of one customer of a ledger: XXH3-128 over the id, the days summed over all files, and the lines
// that count where there are any. No file numbers, no layout: the same for any nights, segments or compaction. The
// digest of a shard is the sum of its customers' digests mod 2^128 (Plus, base/hash_sum.h), so that a customer who
// changes costs what that customer costs (docs/adr/0015). Not thread-safe; reused from customer to customer, so that
// none allocates.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "data/ledger/ledger.h"

namespace strata {

class CustomerDigest {
 public:
  explicit CustomerDigest(bool has_lines) : has_lines_(has_lines) {}
  // Then the days in ascending order, then the lines in the order of the ledger.
  void Begin(std::string_view id);
  // Precondition: rows and return_rows are at most kMaxCustomerRows, or the digest is not used.
  void AddDay(Day day, int64_t net_micros, int64_t rows, int64_t return_rows);
  void AddLine(const LedgerLine& line);
  Hash128 Finish() const;

 private:
  // Appends values as ByteWriter would write them, one after another.
  template <typename... Values>
  void Append(const Values&... values) {
    char* at = Room((sizeof(Values) + ...));
    ((std::memcpy(at, &values, sizeof(Values)), at += sizeof(Values)), ...);
  }
  char* Room(size_t bytes);

  const bool has_lines_;
  std::string bytes_;  // the first size_ ones are of the customer at hand
  size_t size_ = 0;
};

}  // namespace strata
