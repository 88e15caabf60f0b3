#include "client/bench/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace strata {
namespace {

constexpr int kBucketBits = 8;  // 256 buckets per power of two
constexpr int kValueBits = 43;
constexpr int64_t kPerPower = int64_t{1} << kBucketBits;
// Values below 2^(kBucketBits + 1) have a bucket each; every power above adds kPerPower.
constexpr size_t kBuckets = static_cast<size_t>((kValueBits - kBucketBits + 1) * kPerPower);
constexpr int64_t kMillion = 1'000'000;

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(kBuckets) {}

size_t LatencyHistogram::BucketOf(int64_t value_ns) {
  const int width = std::bit_width(static_cast<uint64_t>(value_ns));
  const int shift = std::max(0, width - kBucketBits - 1);
  return static_cast<size_t>(shift * kPerPower + (value_ns >> shift));
}

int64_t LatencyHistogram::MiddleOf(size_t bucket) {
  const auto index = static_cast<int64_t>(bucket);
  if (index < 2 * kPerPower) return index;
  const int shift = static_cast<int>(index / kPerPower) - 1;
  const int64_t low = (index - shift * kPerPower) << shift;
  return low + (int64_t{1} << shift) / 2;
}

void LatencyHistogram::Record(int64_t value_ns) {
  if (value_ns < 0) ++below_range_;
  if (value_ns > kMaxNs) ++above_range_;
  const int64_t value = std::clamp(value_ns, int64_t{0}, kMaxNs);
  ++counts_[BucketOf(value)];
  min_ns_ = count_ == 0 ? value : std::min(min_ns_, value);
  max_ns_ = std::max(max_ns_, value);
  sum_ns_ += value;
  ++count_;
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  if (other.count_ == 0) return;
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  min_ns_ = count_ == 0 ? other.min_ns_ : std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
  sum_ns_ += other.sum_ns_;
  count_ += other.count_;
  below_range_ += other.below_range_;
  above_range_ += other.above_range_;
}

void LatencyHistogram::Clear() { *this = LatencyHistogram(); }

double LatencyHistogram::mean_ns() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(count_);
}

int64_t LatencyHistogram::PercentileNs(int64_t parts_per_million) const {
  if (count_ == 0) return 0;
  // In parts, so that count * parts cannot overflow for any count that a run can reach (9e12).
  const int64_t rank = std::max(int64_t{1}, (count_ * parts_per_million + kMillion - 1) / kMillion);
  if (rank >= count_) return max_ns_;
  int64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(MiddleOf(i), min_ns_, max_ns_);
  }
  return max_ns_;
}

}  // namespace strata
