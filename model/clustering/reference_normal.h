// Data without clusters, to compare with: one normal distribution with the mean and covariance of a sample, and
// categories drawn by their shares, independently. A customer of a reference has the hash and the weight of the
// sample's, and draws by it, so a reference is the same whatever the order of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace strata {

// Customers on the grid, one after another. A plain value.
struct GridSample {
  uint32_t d = 0;           // numeric features
  uint32_t categories = 0;  // categorical ones
  std::vector<uint64_t> hash;
  std::vector<int32_t> q;        // d a customer
  std::vector<uint8_t> codes;    // `categories` a customer
  std::vector<int32_t> weights;  // one a customer; empty: all 1

  size_t size() const { return hash.size(); }
  int64_t weight(size_t row) const { return weights.empty() ? 1 : weights[row]; }
  // The first `rows` of it. The order of a keyed sample is that of its draws, so they are a sample themselves.
  GridSample First(size_t rows) const;
  // Those with keep[row] != 0.
  GridSample Kept(const std::vector<uint8_t>& keep) const;

  void Encode(ByteWriter* writer) const;
  static GridSample Decode(ByteReader* reader);
  bool operator==(const GridSample&) const = default;
};

struct ReferenceNormal {
  uint32_t d = 0;
  std::vector<double> mean;                      // grid units
  std::vector<double> lower;                     // L with L L' = covariance, lower triangle by rows
  std::vector<std::vector<int64_t>> cumulative;  // by category: weight of the words up to each one

  // Sums are exact; the factor L D L' is taken in a fixed order, and a pivot of at most 10^-12 of the trace is none
  // (features that others determine). Precondition: sample.size() > 0.
  static ReferenceNormal Of(const GridSample& sample);
  // A reference with the hashes and weights of `sample`. Coordinates beyond the grid are at its end.
  GridSample Draw(const GridSample& sample, uint64_t seed, uint32_t reference) const;

  void Encode(ByteWriter* writer) const;
  static ReferenceNormal Decode(ByteReader* reader);
  bool operator==(const ReferenceNormal&) const = default;
};

}  // namespace strata
