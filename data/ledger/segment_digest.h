// The logical digest of a segment: XXH3-128 over customers in the order (hash, id), their days summed over all files,
// and their lines where there are any. No file numbers, no layout: the same for any nights, segments or compaction. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
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
  void Flush();

  ByteWriter pending_;
  StreamHash hash_;
};

}  // namespace strata
