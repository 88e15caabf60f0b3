#include "data/reports/outliers.h"

#include <bit>

namespace strata {
namespace {

constexpr int kStepBits = 4;  // of an octave: sixteenths
constexpr int kSteps = 1 << kStepBits;
constexpr int64_t kFarFence = 3;  // spreads beyond the quartiles

uint64_t Magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

// The least magnitude whose bin is `bin` or more. Precondition: 1 <= bin <= kOutlierBins.
int64_t LeastOf(int bin) {
  const int octave = (bin - 1) / kSteps;
  const auto sixteenths = static_cast<uint64_t>(kSteps + (bin - 1) % kSteps);  // of 2^octave
  if (octave >= kStepBits) return static_cast<int64_t>(sixteenths << (octave - kStepBits));
  const int below = kStepBits - octave;  // rounded up: values are whole
  return static_cast<int64_t>((sixteenths + (uint64_t{1} << below) - 1) >> below);
}

// The greatest value whose bin is `bin` or less; nullopt where every value's is. Precondition: bin >= -kOutlierBins.
std::optional<int64_t> GreatestUpTo(int64_t bin) {
  if (bin >= kOutlierBins) return std::nullopt;
  return bin >= 0 ? LeastOf(static_cast<int>(bin) + 1) - 1 : -LeastOf(static_cast<int>(-bin));
}

// The least value whose bin is `bin` or more: the other one in a mirror. Precondition: bin <= kOutlierBins.
std::optional<int64_t> LeastFrom(int64_t bin) {
  const std::optional<int64_t> mirrored = GreatestUpTo(-bin);
  return mirrored.has_value() ? std::optional(-*mirrored) : std::nullopt;
}

}  // namespace

int OutlierBin(int64_t value) {
  if (value == 0) return 0;
  const uint64_t magnitude = Magnitude(value);
  const int octave = std::bit_width(magnitude) - 1;
  const uint64_t steps = octave >= kStepBits ? magnitude >> (octave - kStepBits) : magnitude << (kStepBits - octave);
  const int bin = 1 + kSteps * octave + static_cast<int>(steps % kSteps);
  return value < 0 ? -bin : bin;
}

void OutlierHistogram::Add(int64_t value) {
  if (value == 0) return;
  if (counts_.empty()) counts_.resize(2 * kOutlierBins + 1);
  ++counts_[static_cast<size_t>(OutlierBin(value) + kOutlierBins)];
  ++count_;
}

void OutlierHistogram::Merge(const OutlierHistogram& other) {
  if (other.counts_.empty()) return;
  if (counts_.empty()) counts_.resize(other.counts_.size());
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

void OutlierHistogram::Encode(ByteWriter* writer) const {
  uint32_t used = 0;
  for (const int64_t count : counts_) used += count != 0 ? 1 : 0;
  writer->U32(used);
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    writer->I32(static_cast<int32_t>(i) - kOutlierBins);
    writer->I64(counts_[i]);
  }
}

OutlierHistogram OutlierHistogram::Decode(ByteReader* reader) {
  OutlierHistogram histogram;
  const uint32_t used = reader->U32();
  for (uint32_t i = 0; i < used && reader->ok(); ++i) {
    const int32_t bin = reader->I32();
    const int64_t count = reader->I64();
    if (bin < -kOutlierBins || bin > kOutlierBins || !reader->ok()) continue;
    if (histogram.counts_.empty()) histogram.counts_.resize(2 * kOutlierBins + 1);
    histogram.counts_[static_cast<size_t>(bin + kOutlierBins)] += count;
    histogram.count_ += count;
  }
  return histogram;
}

int OutlierHistogram::BinOfRank(int64_t rank) const {
  int64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return static_cast<int>(i) - kOutlierBins;
  }
  return kOutlierBins;
}

OutlierFences OutlierHistogram::Fences() const {
  OutlierFences fences;
  if (count_ == 0) return fences;
  const int64_t first = BinOfRank((count_ + 3) / 4);
  const int64_t third = BinOfRank(count_ - count_ / 4);  // ceil(3 n / 4)
  const int64_t low = first - kFarFence * (third - first);
  const int64_t high = third + kFarFence * (third - first);
  for (size_t i = 0; i < counts_.size(); ++i) {
    const int64_t bin = static_cast<int64_t>(i) - kOutlierBins;
    if (bin < low || bin > high) fences.outliers += counts_[i];
  }
  fences.low = LeastFrom(low);
  fences.high = GreatestUpTo(high);
  return fences;
}

}  // namespace strata
