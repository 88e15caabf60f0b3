// The points farthest from their centre: where an empty cluster goes. Distinct points only, because two clusters on one
// spot would leave one of them empty again; points of weight 0 never. Merges exactly. A plain value; not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/clustering/centres.h"

namespace strata {

struct FarthestCustomers {
  struct Candidate {
    int64_t squared_distance = 0;  // with gamma; > 0
    Centre point;
    bool operator==(const Candidate&) const = default;
  };
  uint32_t wanted = 0;                // at most so many candidates
  std::vector<Candidate> candidates;  // by distance, farthest first, then by point, ascending

  // True where a point of this distance may be one: lets the caller skip making it.
  bool Wants(int64_t squared_distance) const;
  void Insert(Candidate candidate);
  void Merge(const FarthestCustomers& other);
  void Encode(ByteWriter* writer) const;
  static FarthestCustomers Decode(ByteReader* reader);
  bool operator==(const FarthestCustomers&) const = default;
};

}  // namespace strata
