// A log-linear histogram of durations in nanoseconds, of the kind HdrHistogram made common: every power of two is cut
// into 256 buckets of equal width, so that a bucket is at most 1/256 of its values wide and its middle at most 0.2 %
// off. Counts are integers and merging adds them: any order and any grouping of merges gives the same histogram.
//
// Values below 0 or above kMaxNs are put into the first or last bucket and counted apart, so that nothing is lost in
// silence. Maximum, minimum and sum are exact. A plain value; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

class LatencyHistogram {
 public:
  // Above the longest latency that a run can see: warm-up, duration and deadline have limits
  // (client/bench/load_plan.h).
  static constexpr int64_t kMaxNs = (int64_t{1} << 43) - 1;  // 2.4 hours

  LatencyHistogram();

  void Record(int64_t value_ns);
  void Merge(const LatencyHistogram& other);
  void Clear();

  int64_t count() const { return count_; }
  int64_t below_range() const { return below_range_; }
  int64_t above_range() const { return above_range_; }
  // 0 when empty; exact unless values were out of range.
  int64_t min_ns() const { return count_ == 0 ? 0 : min_ns_; }
  int64_t max_ns() const { return max_ns_; }
  double mean_ns() const;

  // The least recorded value v with at least parts_per_million / 1e6 of all values at or below it (nearest rank), to
  // the middle of its bucket but never outside minimum and maximum. 0 when empty. Precondition: 0 to 1,000,000.
  int64_t PercentileNs(int64_t parts_per_million) const;

  bool operator==(const LatencyHistogram&) const = default;

 private:
  static size_t BucketOf(int64_t value_ns);
  static int64_t MiddleOf(size_t bucket);

  std::vector<int64_t> counts_;
  int64_t count_ = 0;
  int64_t below_range_ = 0;
  int64_t above_range_ = 0;
  int64_t min_ns_ = 0;
  int64_t max_ns_ = 0;
  int64_t sum_ns_ = 0;  // 292 years of latency fit
};

}  // namespace strata
