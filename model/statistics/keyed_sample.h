// A uniform sample of customers that does not depend on shards, workers or order: every customer draws a number from
// (seed, purpose, customer hash) and the lowest `capacity` draws stay. Samples merge exactly (bottom-k sampling). Rows
// are fixed-width int64 values, so whatever is gathered lies on a grid. Equal draws are ordered by hash, then by
// content; rows equal in all three are interchangeable. Plain values; not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace strata {

// The second key of KeyedDraw, so that no two uses of a seed share their draws. Numbers must never change their
// meaning: models are a function of them.
enum class DrawPurpose : uint32_t {
  kClusteringSample = 1,
  kClusteringSeeding = 2,
  kChurnHoldoutSample = 3,
  kChurnBootstrap = 4,
  kFitShare = 5,             // without a seed
  kClusteringParallel = 6,   // k-means||: who becomes a candidate
  kGapReference = 7,         // normal draws of the gap statistic
  kGapCategory = 8,          // its words
  kClusteringHalf = 9,       // halves of the sample, for stability
  kClusteringExchange = 10,  // exchanges of centres
  kLifetimeBootstrap = 11,   // how often a customer is in a replicate
  kChurnTrainSample = 12,    // whose rows are gathered for trees
  kChurnCalibrationFifth = 13,
  kChurnFold = 14,
  kChurnValidation = 15,  // early stopping
  kChurnTreeRows = 16,    // rows that a tree sees, by number of the tree
  kChurnTreeFeatures = 17,
  kChurnCalibrationFold = 18,
  kChurnExplainSample = 19,
};

// The round of KeyedDraw for a purpose and a repetition of it.
constexpr uint64_t DrawRound(DrawPurpose purpose, uint32_t repetition = 0) {
  return (static_cast<uint64_t>(purpose) << 32) | repetition;
}

// A bound that the lowest `capacity` draws of so many customers or more lie below, but for less than one chance in 10^20;
// no bound where there are too few, or 0 for not known.
uint64_t DrawBound(uint32_t capacity, int64_t customers);

class KeyedSample {
 public:
  KeyedSample() = default;  // the neutral element of Merge

  // Keeps the lowest draws of both, up to the larger capacity. Samples to be merged have the same width.
  void Merge(const KeyedSample& other);

  // Rows in ascending (draw, hash, content).
  size_t size() const { return draws_.size(); }
  uint64_t hash(size_t row) const { return hashes_[row]; }
  std::span<const int64_t> values(size_t row) const { return {values_.data() + row * width_, width_}; }
  size_t width() const { return width_; }

  void Encode(ByteWriter* writer) const;
  static KeyedSample Decode(ByteReader* reader);
  bool operator==(const KeyedSample&) const = default;

 private:
  friend class KeyedSampler;
  void Append(uint64_t draw, uint64_t hash, std::span<const int64_t> values);
  int Compare(size_t row, const KeyedSample& other, size_t other_row) const;

  uint32_t capacity_ = 0;
  uint32_t width_ = 0;
  std::vector<uint64_t> draws_;
  std::vector<uint64_t> hashes_;
  std::vector<int64_t> values_;  // width_ a row
};

// Builds the sample of one shard. Preconditions: capacity > 0, width > 0.
class KeyedSampler {
 public:
  // `customers`: how many there are in all shards, where that is known. Draws that with so many would be among the
  // lowest `capacity` by less than one chance in 10^20 are left out at once.
  KeyedSampler(uint64_t seed, DrawPurpose purpose, uint32_t capacity, uint32_t width, int64_t customers = 0);

  // True when the customer may be in the sample: lets the caller skip making the row. Never false for one that is.
  bool Wants(uint64_t hash) const { return KeyedDraw(seed_, round_, hash) <= draw_max_; }
  // `values` has `width` elements.
  void Add(uint64_t hash, std::span<const int64_t> values);
  KeyedSample Take();

 private:
  void Prune();  // sorts, and leaves the lowest `capacity` rows

  uint64_t seed_;
  uint64_t round_;
  uint64_t draw_max_ = ~uint64_t{0};  // rows above cannot be in the sample
  KeyedSample rows_;
};

}  // namespace strata
