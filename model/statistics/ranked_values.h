// All values of a column in descending order, though nobody holds them in one place: for what needs every rank, such as
// cumulative shares, concentration curves and the Gini coefficient.
//
// The first round finds count, least and greatest value and the exact sums of gains and losses. With more values than
// the window, exact quantiles then cut them into windows of about that many values. Then one round a window brings its
// values as (value, how often), from the greatest window down, and Absorb shows them to the visitor in descending
// order. Equal values are always shown together, so a result cannot depend on the order of rows, nor on windows.
//
//   request = ranked.Next() → partial = CollectRanked(request, values), merged over shards → ranked.Absorb(partial,
//   visit)
//
// Plain values and pure functions; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "base/status.h"
#include "model/statistics/exact_quantiles.h"

namespace strata {

// Values in one round: bounds the merged partial (about 6 bytes a value with money of a shop).
inline constexpr int64_t kRankedWindow = 4'000'000;

struct RankedRequest {
  enum class Kind : uint8_t { kTotals = 0, kWindows = 1, kValues = 2 };
  Kind kind = Kind::kTotals;
  QuantileRequest windows;    // kWindows
  int64_t low = 0, high = 0;  // kValues: both included

  void Encode(ByteWriter* writer) const;
  static RankedRequest Decode(ByteReader* reader);
  bool operator==(const RankedRequest&) const = default;
};

// What is known of the values before their ranks are.
struct RankedTotals {
  int64_t count = 0, positive = 0, zero = 0, negative = 0;
  Int128 sum_positive = 0, sum_negative = 0;  // the latter <= 0
  int64_t least = std::numeric_limits<int64_t>::max();
  int64_t greatest = std::numeric_limits<int64_t>::min();
  bool operator==(const RankedTotals&) const = default;
};

struct RankedPartial {
  using Run = std::pair<int64_t, int64_t>;  // value, how often (> 0)
  RankedTotals totals;                      // kTotals
  QuantilePartial windows;                  // kWindows
  std::vector<Run> runs;                    // kValues: ascending by value

  void Merge(const RankedPartial& other);
  void Encode(ByteWriter* writer) const;
  static RankedPartial Decode(ByteReader* reader);
  bool operator==(const RankedPartial&) const = default;
};

RankedPartial CollectRanked(const RankedRequest& request, std::span<const int64_t> values);

class RankedValues {
 public:
  // Called for each distinct value, in descending order over all rounds.
  using Visit = std::function<void(int64_t value, int64_t count)>;

  // Precondition: window > 0.
  explicit RankedValues(int64_t window = kRankedWindow) : window_(window) {}

  // What the next round must collect; nullopt when every value was shown.
  std::optional<RankedRequest> Next() const;
  // Takes the merged partial of the last Next(). INTERNAL when it does not belong to it.
  absl::Status Absorb(const RankedPartial& merged, const Visit& visit);

  // Known after the first round, so before any value is shown.
  const RankedTotals& totals() const { return totals_; }

 private:
  absl::Status AbsorbTotals(const RankedPartial& merged);
  void MakeWindows(const std::vector<int64_t>& bounds);

  int64_t window_;
  RankedTotals totals_;
  std::optional<ExactQuantiles> quantiles_;           // while windows are looked for
  std::vector<std::pair<int64_t, int64_t>> windows_;  // still to come, the next one last; both bounds included
  bool started_ = false;
  int64_t shown_ = 0;
};

}  // namespace strata
