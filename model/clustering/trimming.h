// Trimming: an evaluation sets aside exactly the t customers with the greatest (distance, hash), whatever the weights.
// Over shards the threshold is found by a bracket of keys (distance, then hash, as one 128-bit number): below it
// customers are in the sums, behind it they are set aside, within they travel as rows where there are few, and are
// counted by bins where there are many; the next bracket is then one of the bins. Plain values; not thread-safe.
//
// Customers with one hash and one distance (equal rows twice, or a collision) fall on one side where they can; only a
// threshold that cuts through them is decided by their content.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/centres.h"

namespace strata {

inline constexpr size_t kTrimRowsMax = 16'384;  // of a merged partial: about 1 MB at 10 features
inline constexpr int kTrimBinBits = 12;         // bins of a bracket

// The last customer that is kept. Another one is an outlier where (distance, hash) is greater.
struct TrimThreshold {
  int64_t distance = 0;  // squared, with gamma, grid units
  uint64_t hash = 0;
  auto operator<=>(const TrimThreshold&) const = default;
};

constexpr UInt128 TrimKey(int64_t distance, uint64_t hash) {
  return (static_cast<UInt128>(static_cast<uint64_t>(distance)) << 64) | hash;
}

struct TrimBracket {
  UInt128 low = 0;                                // first key of the bracket
  UInt128 high = static_cast<UInt128>(1) << 120;  // first key behind it
  bool octaves = true;                            // bins of a sixteenth of an octave; else of equal width
  size_t bins() const;
  size_t BinOf(UInt128 key) const;     // precondition: low <= key < high
  UInt128 BinBegin(size_t bin) const;  // of bin bins(): high
  void Encode(ByteWriter* writer) const;
  static TrimBracket Decode(ByteReader* reader);
  bool operator==(const TrimBracket&) const = default;
};

// What an evaluation under a bracket says of the customers that are not certainly kept.
struct TrimCounts {
  struct Row {
    int64_t distance = 0;
    uint64_t hash = 0;
    uint8_t slot = 0;
    int32_t weight = 1;
    Centre point;
    auto operator<=>(const Row&) const = default;
  };
  int64_t behind = 0;         // keys at or above the bracket's end
  std::vector<int64_t> bins;  // of the bracket; empty: there is no trimming
  // Of the bracket, ascending. Empty under a bracket of octaves, and where the bins hold more than kTrimRowsMax.
  std::vector<Row> rows;

  int64_t within() const;
  void Merge(const TrimCounts& other);
  void Encode(ByteWriter* writer) const;
  static TrimCounts Decode(ByteReader* reader);
  bool operator==(const TrimCounts&) const = default;
};

}  // namespace strata
