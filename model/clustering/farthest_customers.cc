#include "model/clustering/farthest_customers.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

bool Before(const FarthestCustomers::Candidate& a, const FarthestCustomers::Candidate& b) {
  if (a.squared_distance != b.squared_distance) return a.squared_distance > b.squared_distance;
  return a.point < b.point;
}

}  // namespace

bool FarthestCustomers::Wants(int64_t squared_distance) const {
  if (wanted == 0 || squared_distance <= 0) return false;
  return candidates.size() < wanted || squared_distance >= candidates.back().squared_distance;
}

void FarthestCustomers::Insert(Candidate candidate) {
  if (!Wants(candidate.squared_distance)) return;
  const auto place = std::lower_bound(candidates.begin(), candidates.end(), candidate, Before);
  if (place != candidates.end() && *place == candidate) return;
  candidates.insert(place, std::move(candidate));
  if (candidates.size() > wanted) candidates.pop_back();
}

void FarthestCustomers::Merge(const FarthestCustomers& other) {
  wanted = std::max(wanted, other.wanted);
  for (const Candidate& candidate : other.candidates) Insert(candidate);
}

void FarthestCustomers::Encode(ByteWriter* writer) const {
  writer->U32(wanted);
  writer->U32(static_cast<uint32_t>(candidates.size()));
  for (const Candidate& candidate : candidates) {
    writer->I64(candidate.squared_distance);
    writer->Array(candidate.point.q);
    writer->Array(candidate.point.modes);
  }
}

FarthestCustomers FarthestCustomers::Decode(ByteReader* reader) {
  FarthestCustomers read;
  read.wanted = reader->U32();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Candidate& candidate = read.candidates.emplace_back();
    candidate.squared_distance = reader->I64();
    candidate.point.q = reader->Array<int32_t>();
    candidate.point.modes = reader->Array<uint8_t>();
  }
  return read;
}

}  // namespace strata
