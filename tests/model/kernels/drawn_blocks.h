// Blocks of numbers for the tests of the kernels: of every length, with extremes and ties, from a seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "model/kernels/kernels.h"

namespace strata {

class BlockDraws {
 public:
  explicit BlockDraws(uint64_t seed) : random_(seed), length_(1 + seed % kKernelBlock) {}

  // Every length from 1 to a whole block comes up as seeds go on.
  size_t length() const { return length_; }
  double Uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  int64_t Whole(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  bool OneIn(int n) { return Whole(1, n) == 1; }

  // Columns of a block: drawn by `draw` up to the length, zeros behind it.
  template <typename Draw>
  std::vector<double> Columns(size_t columns, const Draw& draw) {
    std::vector<double> block(columns * kKernelBlock, 0.0);
    for (size_t j = 0; j < columns; ++j) {
      for (size_t i = 0; i < length_; ++i) block[j * kKernelBlock + i] = draw();
    }
    return block;
  }

 private:
  std::mt19937_64 random_;
  size_t length_;
};

}  // namespace strata
