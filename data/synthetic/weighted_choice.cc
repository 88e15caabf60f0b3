#include "data/synthetic/weighted_choice.h"

#include <cmath>
#include <numeric>

namespace strata {

WeightedChoice::WeightedChoice(std::span<const double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const double n = static_cast<double>(weights.size());
  std::vector<double> load;
  load.reserve(weights.size());
  for (const double weight : weights) load.push_back(weight * n / sum);
  std::vector<uint32_t> small;
  std::vector<uint32_t> large;
  for (uint32_t i = 0; i < load.size(); ++i) (load[i] < 1 ? small : large).push_back(i);
  cells_.resize(weights.size());
  while (!small.empty() && !large.empty()) {
    const uint32_t low = small.back();
    const uint32_t high = large.back();
    small.pop_back();
    cells_[low] = {.threshold = static_cast<uint64_t>(std::llrint(std::ldexp(load[low], 32))), .alias = high};
    load[high] -= 1 - load[low];
    if (load[high] >= 1) continue;
    large.pop_back();
    small.push_back(high);
  }
  // What rounding left over has load 1 but for the last bits.
  for (const std::vector<uint32_t>& rest : {small, large}) {
    for (const uint32_t i : rest) cells_[i] = {.threshold = uint64_t{1} << 32, .alias = i};
  }
}

std::vector<double> ZipfWeights(uint32_t n, double exponent) {
  std::vector<double> weights;
  weights.reserve(n);
  for (uint32_t k = 1; k <= n; ++k) weights.push_back(std::pow(k, -exponent));
  return weights;
}

}  // namespace strata
