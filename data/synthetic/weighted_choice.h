// A choice among n things by their weights, in constant time from one 64-bit draw: Walker's alias method in Vose's
// form. Each probability is met within n * 2^-32. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace strata {

class WeightedChoice {
 public:
  // Preconditions: 0 < weights.size() < 2^32, no weight negative, their sum positive and finite.
  explicit WeightedChoice(std::span<const double> weights);

  uint32_t Of(uint64_t bits) const {
    const uint64_t place = (bits >> 32) * cells_.size();
    const Cell& cell = cells_[place >> 32];
    return static_cast<uint32_t>(bits) < cell.threshold ? static_cast<uint32_t>(place >> 32) : cell.alias;
  }

 private:
  struct Cell {
    uint64_t threshold;  // of 2^32: below it the cell's own index, else the alias
    uint32_t alias;
  };
  std::vector<Cell> cells_;
};

// Weights of Zipf's law: rank k of 1..n weighs k^-exponent.
std::vector<double> ZipfWeights(uint32_t n, double exponent);

}  // namespace strata
