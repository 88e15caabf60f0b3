// The points farthest from their centroid: where an empty cluster goes. Distinct points only, because two clusters on
// one spot would leave one of them empty again. Merges exactly. A plain value; not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/clustering/assign.h"

namespace strata {

struct FarthestPoints {
  struct Candidate {
    int64_t squared_distance = 0;  // grid units squared, > 0
    GridPoint point{};
    bool operator==(const Candidate&) const = default;
  };
  uint32_t wanted = 0;                // at most so many candidates
  std::vector<Candidate> candidates;  // by distance, farthest first, then by point, ascending

  void Add(const CentroidSet& centroids, const PointBlock& block, const LabelBlock& labels);
  void Merge(const FarthestPoints& other);
  void Encode(ByteWriter* writer) const;
  static FarthestPoints Decode(ByteReader* reader);
  bool operator==(const FarthestPoints&) const = default;

 private:
  void Insert(const Candidate& candidate);
};

}  // namespace strata
