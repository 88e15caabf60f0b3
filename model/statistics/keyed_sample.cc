#include "model/statistics/keyed_sample.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/radix_order.h"

namespace strata {

// How many draws lie below a bound is a binomial number, whose variance is below its mean: with ten deviations on top
// of the capacity the bound leaves out none of the lowest but by less than one chance in 10^20.
uint64_t DrawBound(uint32_t capacity, int64_t customers) {
  constexpr double kDeviations = 10;
  const double wanted = capacity + kDeviations * (std::sqrt(static_cast<double>(capacity)) + kDeviations);
  if (static_cast<double>(customers) <= wanted) return ~uint64_t{0};
  return static_cast<uint64_t>(wanted / static_cast<double>(customers) * 0x1p64);
}

void KeyedSample::Append(uint64_t draw, uint64_t hash, std::span<const int64_t> values) {
  draws_.push_back(draw);
  hashes_.push_back(hash);
  values_.insert(values_.end(), values.begin(), values.end());
}

int KeyedSample::Compare(size_t row, const KeyedSample& other, size_t other_row) const {
  if (draws_[row] != other.draws_[other_row]) return draws_[row] < other.draws_[other_row] ? -1 : 1;
  if (hashes_[row] != other.hashes_[other_row]) return hashes_[row] < other.hashes_[other_row] ? -1 : 1;
  const auto a = values(row);
  const auto b = other.values(other_row);
  if (std::equal(a.begin(), a.end(), b.begin(), b.end())) return 0;
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()) ? -1 : 1;
}

void KeyedSample::Merge(const KeyedSample& other) {
  if (other.width_ == 0) return;
  if (width_ == 0) {
    *this = other;
    return;
  }
  KeyedSample merged;
  merged.capacity_ = std::max(capacity_, other.capacity_);
  merged.width_ = width_;
  const size_t total = std::min<size_t>(merged.capacity_, size() + other.size());
  merged.draws_.reserve(total);
  merged.hashes_.reserve(total);
  merged.values_.reserve(total * width_);
  size_t i = 0;
  size_t j = 0;
  while (merged.size() < total) {
    const bool mine = j == other.size() || (i < size() && Compare(i, other, j) <= 0);
    const KeyedSample& source = mine ? *this : other;
    const size_t row = mine ? i++ : j++;
    merged.Append(source.draws_[row], source.hashes_[row], source.values(row));
  }
  *this = std::move(merged);
}

void KeyedSample::Encode(ByteWriter* writer) const {
  writer->U32(capacity_);
  writer->U32(width_);
  writer->Array(draws_);
  writer->Array(hashes_);
  writer->Array(values_);
}

KeyedSample KeyedSample::Decode(ByteReader* reader) {
  KeyedSample sample;
  sample.capacity_ = reader->U32();
  sample.width_ = reader->U32();
  sample.draws_ = reader->Array<uint64_t>();
  sample.hashes_ = reader->Array<uint64_t>();
  sample.values_ = reader->Array<int64_t>();
  const bool agree = sample.hashes_.size() == sample.draws_.size() && sample.draws_.size() <= sample.capacity_ &&
                     sample.values_.size() == sample.draws_.size() * sample.width_;
  return agree ? sample : KeyedSample();
}

KeyedSampler::KeyedSampler(uint64_t seed, DrawPurpose purpose, uint32_t capacity, uint32_t width, int64_t customers)
    : seed_(seed), round_(DrawRound(purpose)), draw_max_(DrawBound(capacity, customers)) {
  rows_.capacity_ = capacity;
  rows_.width_ = width;
}

void KeyedSampler::Add(uint64_t hash, std::span<const int64_t> values) {
  const uint64_t draw = KeyedDraw(seed_, round_, hash);
  if (draw > draw_max_) return;
  rows_.Append(draw, hash, values);
  // Twice the capacity: each pruning is paid for by as many additions.
  if (rows_.size() >= 2 * static_cast<size_t>(rows_.capacity_)) Prune();
}

KeyedSample KeyedSampler::Take() {
  Prune();
  return std::move(rows_);
}

void KeyedSampler::Prune() {
  std::vector<uint32_t> order = RowsByKey(rows_.draws_);
  for (auto begin = order.begin(); begin != order.end();) {  // equal draws lie together
    auto end = begin + 1;
    while (end != order.end() && rows_.draws_[*end] == rows_.draws_[*begin]) ++end;
    std::sort(begin, end, [this](size_t a, size_t b) { return rows_.Compare(a, rows_, b) < 0; });
    begin = end;
  }
  if (order.size() > rows_.capacity_) order.resize(rows_.capacity_);
  KeyedSample kept;
  kept.capacity_ = rows_.capacity_;
  kept.width_ = rows_.width_;
  kept.draws_.reserve(order.size());
  kept.hashes_.reserve(order.size());
  kept.values_.reserve(order.size() * kept.width_);
  for (const uint32_t row : order) kept.Append(rows_.draws_[row], rows_.hashes_[row], rows_.values(row));
  if (kept.size() == kept.capacity_) draw_max_ = kept.draws_.back();
  rows_ = std::move(kept);
}

}  // namespace strata
