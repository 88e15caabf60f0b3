#include "model/statistics/exact_quantiles.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/int128.h"

namespace strata {
namespace {

// Differences of int64 values need 64 unsigned bits.
uint64_t Offset(int64_t value, int64_t low) { return static_cast<uint64_t>(value) - static_cast<uint64_t>(low); }
int64_t Shifted(int64_t low, uint64_t offset) { return static_cast<int64_t>(static_cast<uint64_t>(low) + offset); }

ValueInterval IntervalOf(int64_t low, int64_t high) {
  ValueInterval interval{low, high, 0};
  while ((Offset(high, low) >> interval.shift) >= kQuantileBins) ++interval.shift;
  return interval;
}

QuantilePartial::Histogram CountBins(const ValueInterval& interval, std::span<const int64_t> values) {
  std::vector<uint32_t> bins;
  for (const int64_t value : values) {
    if (value < interval.low || value > interval.high) continue;
    bins.push_back(static_cast<uint32_t>(Offset(value, interval.low) >> interval.shift));
  }
  QuantilePartial::Histogram histogram;
  // Many values: count densely. Few: sorting them is cheaper than clearing the bins.
  if (bins.size() > kQuantileBins / 4) {
    std::vector<int64_t> dense(kQuantileBins, 0);
    for (const uint32_t bin : bins) ++dense[bin];
    for (uint32_t bin = 0; bin < kQuantileBins; ++bin) {
      if (dense[bin] == 0) continue;
      histogram.bins.push_back(bin);
      histogram.counts.push_back(dense[bin]);
    }
    return histogram;
  }
  std::sort(bins.begin(), bins.end());
  for (const uint32_t bin : bins) {
    if (histogram.bins.empty() || histogram.bins.back() != bin) {
      histogram.bins.push_back(bin);
      histogram.counts.push_back(0);
    }
    ++histogram.counts.back();
  }
  return histogram;
}

QuantilePartial::Histogram Sum(const QuantilePartial::Histogram& a, const QuantilePartial::Histogram& b) {
  QuantilePartial::Histogram sum;
  size_t i = 0;
  size_t j = 0;
  while (i < a.bins.size() || j < b.bins.size()) {
    const bool from_a = i < a.bins.size() && (j == b.bins.size() || a.bins[i] <= b.bins[j]);
    const bool from_b = j < b.bins.size() && (i == a.bins.size() || b.bins[j] <= a.bins[i]);
    sum.bins.push_back(from_a ? a.bins[i] : b.bins[j]);
    sum.counts.push_back((from_a ? a.counts[i] : 0) + (from_b ? b.counts[j] : 0));
    i += from_a ? 1 : 0;
    j += from_b ? 1 : 0;
  }
  return sum;
}

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the quantiles does not belong to its round: {}", what));
}

}  // namespace

void QuantileRequest::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(intervals.size()));
  for (const ValueInterval& interval : intervals) {
    writer->I64(interval.low);
    writer->I64(interval.high);
    writer->I32(interval.shift);
  }
}

QuantileRequest QuantileRequest::Decode(ByteReader* reader) {
  QuantileRequest request;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    ValueInterval interval;
    interval.low = reader->I64();
    interval.high = reader->I64();
    interval.shift = reader->I32();
    const bool valid = interval.low <= interval.high && interval.shift >= 0 && interval.shift < 64 &&
                       (Offset(interval.high, interval.low) >> interval.shift) < kQuantileBins;
    if (valid) request.intervals.push_back(interval);
  }
  return request;
}

void QuantilePartial::Merge(const QuantilePartial& other) {
  count += other.count;
  least = std::min(least, other.least);
  greatest = std::max(greatest, other.greatest);
  if (histograms.size() < other.histograms.size()) histograms.resize(other.histograms.size());
  for (size_t i = 0; i < other.histograms.size(); ++i) histograms[i] = Sum(histograms[i], other.histograms[i]);
}

void QuantilePartial::Encode(ByteWriter* writer) const {
  writer->I64(count);
  writer->I64(least);
  writer->I64(greatest);
  writer->U32(static_cast<uint32_t>(histograms.size()));
  for (const Histogram& histogram : histograms) {
    writer->Array(histogram.bins);
    writer->Array(histogram.counts);
  }
}

QuantilePartial QuantilePartial::Decode(ByteReader* reader) {
  QuantilePartial partial;
  partial.count = reader->I64();
  partial.least = reader->I64();
  partial.greatest = reader->I64();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Histogram histogram;
    histogram.bins = reader->Array<uint32_t>();
    histogram.counts = reader->Array<int64_t>();
    if (histogram.bins.size() != histogram.counts.size()) histogram = {};
    partial.histograms.push_back(std::move(histogram));
  }
  return partial;
}

QuantilePartial CountValues(const QuantileRequest& request, std::span<const int64_t> values) {
  QuantilePartial partial;
  partial.count = static_cast<int64_t>(values.size());
  for (const int64_t value : values) {
    partial.least = std::min(partial.least, value);
    partial.greatest = std::max(partial.greatest, value);
  }
  for (const ValueInterval& interval : request.intervals) partial.histograms.push_back(CountBins(interval, values));
  return partial;
}

ExactQuantiles::ExactQuantiles(std::vector<QuantileTarget> targets) : targets_(std::move(targets)) {}

std::optional<QuantileRequest> ExactQuantiles::Next() const {
  if (done_) return std::nullopt;
  return request_;
}

absl::Status ExactQuantiles::AbsorbBounds(const QuantilePartial& merged) {
  count_ = merged.count;
  if (count_ == 0 || targets_.empty()) {
    done_ = true;
    return absl::OkStatus();
  }
  if (merged.least > merged.greatest) return Mismatch("no least and greatest value");
  values_.assign(targets_.size(), 0);
  places_.assign(targets_.size(), {});
  for (const QuantileTarget& target : targets_) {
    const Int128 product = static_cast<Int128>(count_) * target.numerator;
    const auto rank = static_cast<int64_t>((product + target.denominator - 1) / target.denominator);
    open_.push_back(Open{0, std::max<int64_t>(rank, 1)});
  }
  request_.intervals = {IntervalOf(merged.least, merged.greatest)};
  return absl::OkStatus();
}

absl::Status ExactQuantiles::Absorb(const QuantilePartial& merged) {
  if (done_) return Mismatch("all quantiles are known");
  if (request_.intervals.empty()) return AbsorbBounds(merged);
  if (merged.histograms.size() != request_.intervals.size()) return Mismatch("another number of histograms");

  std::map<int64_t, int64_t> next;  // low → high
  for (size_t t = 0; t < targets_.size(); ++t) {
    if (!open_[t].has_value()) continue;
    const ValueInterval& interval = request_.intervals[open_[t]->interval];
    const QuantilePartial::Histogram& histogram = merged.histograms[open_[t]->interval];
    size_t i = 0;
    while (i < histogram.bins.size() && histogram.counts[i] < open_[t]->rank) {
      open_[t]->rank -= histogram.counts[i];
      places_[t].below += histogram.counts[i++];
    }
    if (i == histogram.bins.size()) return Mismatch("a rank beyond the values of its interval");
    const uint64_t from = static_cast<uint64_t>(histogram.bins[i]) << interval.shift;
    const uint64_t to = std::min(from + ((uint64_t{1} << interval.shift) - 1), Offset(interval.high, interval.low));
    values_[t] = Shifted(interval.low, from);
    if (from == to) {
      places_[t].equal = histogram.counts[i];
      open_[t].reset();
    } else {
      next[values_[t]] = Shifted(interval.low, to);
    }
  }
  request_.intervals.clear();
  for (const auto& [low, high] : next) request_.intervals.push_back(IntervalOf(low, high));
  for (size_t t = 0; t < targets_.size(); ++t) {
    if (open_[t].has_value()) {
      open_[t]->interval = static_cast<size_t>(std::distance(next.begin(), next.find(values_[t])));
    }
  }
  done_ = next.empty();
  return absl::OkStatus();
}

}  // namespace strata
