// Exact quantiles of int64 values that nobody holds in one place: refinement of integer histograms over rounds. The
// first round finds count, least and greatest value; each further one counts the values of the intervals that hold a
// wanted rank in at most kQuantileBins equal bins, until bins are one value wide. A full 64-bit range takes 5 rounds,
// a range of 65,536 values 2. Histograms are sparse: a partial is never larger than the values it has seen.
//
// Used by fitters, one ExactQuantiles a column:
//   request = quantiles.Next() → partial = CountValues(request, values), merged over shards → quantiles.Absorb(partial)
//
// Plain values and pure functions; not thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace strata {

inline constexpr uint64_t kQuantileBins = 65536;  // 16 bits a round: few rounds, and a dense histogram fits a cache

// The quantile numerator/denominator of n values: the smallest value v with count(values <= v) >= rank, where
// rank = max(1, ceil(n * numerator / denominator)). Preconditions: denominator > 0, 0 <= numerator <= denominator.
struct QuantileTarget {
  int64_t numerator = 1;
  int64_t denominator = 2;
};

// Values low..high, both included, in bins of 2^shift values each.
struct ValueInterval {
  int64_t low = 0;
  int64_t high = 0;
  int32_t shift = 0;
  bool operator==(const ValueInterval&) const = default;
};

struct QuantileRequest {
  std::vector<ValueInterval> intervals;  // ascending and disjoint; empty: count, least and greatest value only

  void Encode(ByteWriter* writer) const;
  static QuantileRequest Decode(ByteReader* reader);
  bool operator==(const QuantileRequest&) const = default;
};

struct QuantilePartial {
  struct Histogram {
    std::vector<uint32_t> bins;   // ascending
    std::vector<int64_t> counts;  // of the same length, each > 0
    bool operator==(const Histogram&) const = default;
  };
  int64_t count = 0;
  int64_t least = std::numeric_limits<int64_t>::max();
  int64_t greatest = std::numeric_limits<int64_t>::min();
  std::vector<Histogram> histograms;  // one per interval of the request

  void Merge(const QuantilePartial& other);
  void Encode(ByteWriter* writer) const;
  static QuantilePartial Decode(ByteReader* reader);
  bool operator==(const QuantilePartial&) const = default;
};

QuantilePartial CountValues(const QuantileRequest& request, std::span<const int64_t> values);

// Where a quantile stands among the values.
struct QuantilePlace {
  int64_t below = 0;  // values less than it
  int64_t equal = 0;  // values equal to it, > 0
  bool operator==(const QuantilePlace&) const = default;
};

class ExactQuantiles {
 public:
  explicit ExactQuantiles(std::vector<QuantileTarget> targets);

  // What the next round must count; nullopt when every quantile is known.
  std::optional<QuantileRequest> Next() const;
  // Takes the merged partial of the last Next(). INTERNAL when it does not belong to it.
  absl::Status Absorb(const QuantilePartial& merged);

  int64_t count() const { return count_; }
  // One value per target, in the order given; empty when there were no values. Precondition: Next() == nullopt.
  const std::vector<int64_t>& values() const { return values_; }
  // The place of each of values(), found on the way.
  const std::vector<QuantilePlace>& places() const { return places_; }

 private:
  struct Open {           // a target whose value is not known yet
    size_t interval = 0;  // in request_
    int64_t rank = 0;     // among the values of the interval, from 1
  };
  absl::Status AbsorbBounds(const QuantilePartial& merged);

  std::vector<QuantileTarget> targets_;
  std::vector<std::optional<Open>> open_;  // by target; nullopt: known
  std::vector<int64_t> values_;
  std::vector<QuantilePlace> places_;
  QuantileRequest request_;
  int64_t count_ = 0;
  bool done_ = false;
};

}  // namespace strata
