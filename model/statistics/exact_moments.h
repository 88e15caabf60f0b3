// Number, sum and sum of squares of grid integers, from which mean and standard deviation follow. Sums of integers are
// exact, so any grouping of the values gives the same bits (no Welford or Chan merging). A plain value; not
// thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/int128.h"

namespace strata {

struct ExactMoments {
  int64_t count = 0;
  Int128 sum = 0;
  Int128 sum_of_squares = 0;

  // Precondition: |value| < 2^47, so that the squares of 2^32 values fit 127 bits.
  void Add(int64_t value) {
    ++count;
    sum += value;
    sum_of_squares += static_cast<Int128>(value) * value;
  }
  void Merge(const ExactMoments& other);

  // In units of the grid; 0 without values.
  double Mean() const;
  // Of the population: the sum of squared deviations over count. Exactly 0 when all values are equal.
  double Deviation() const;

  void Encode(ByteWriter* writer) const;
  static ExactMoments Decode(ByteReader* reader);
  bool operator==(const ExactMoments&) const = default;
};

}  // namespace strata
