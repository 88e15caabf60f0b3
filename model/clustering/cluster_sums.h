// What an evaluation of centres adds up over customers, by slot: everything that the next centres, the inertia and the
// sizes need, in integers, so any grouping of customers gives the same bits. Plain values; not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/centres.h"

namespace strata {

struct ClusterSums {
  size_t d = 0;
  std::vector<int64_t> count;                // customers
  std::vector<Int128> weight;                // theirs; the count where there are none
  std::vector<Int128> sums;                  // of w q; slot * d + feature
  std::vector<std::vector<int64_t>> levels;  // weight by code; slot * categories + category
  Int128 squares = 0;                        // of w |q|^2, all slots

  ClusterSums() = default;  // the neutral element of Merge
  ClusterSums(size_t slots, size_t features, const std::vector<size_t>& levels_of_categories);

  size_t slots() const { return count.size(); }
  size_t categories() const { return count.empty() ? 0 : levels.size() / count.size(); }
  int64_t customers() const;
  Int128 total_weight() const;
  // The mean, correctly rounded to the grid (half to even), and the most frequent codes (the lowest of equals).
  // Precondition: weight[slot] > 0.
  Centre MeanOf(size_t slot) const;
  // Sum of w (|q - c|^2 + gamma mismatches). Precondition: these are the sums of `centres`.
  Int128 Inertia(const CentreSet& centres) const;

  void Add(size_t slot, const Centre& point, int64_t weight_of_point);  // a customer
  void Merge(const ClusterSums& other);
  void Encode(ByteWriter* writer) const;
  static ClusterSums Decode(ByteReader* reader);
  bool operator==(const ClusterSums&) const = default;
};

}  // namespace strata
