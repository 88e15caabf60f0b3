#include "model/clustering/farthest_points.h"

#include <algorithm>

namespace strata {
namespace {

bool Before(const FarthestPoints::Candidate& a, const FarthestPoints::Candidate& b) {
  return a.squared_distance != b.squared_distance ? a.squared_distance > b.squared_distance : a.point < b.point;
}

}  // namespace

void FarthestPoints::Insert(const Candidate& candidate) {
  const auto place = std::lower_bound(candidates.begin(), candidates.end(), candidate, Before);
  if (place != candidates.end() && *place == candidate) return;
  candidates.insert(place, candidate);
  if (candidates.size() > wanted) candidates.pop_back();
}

void FarthestPoints::Add(const CentroidSet& centroids, const PointBlock& block, const LabelBlock& labels) {
  if (wanted == 0) return;
  for (size_t i = 0; i < block.size; ++i) {
    const GridPoint point = block.point(i);
    const int64_t distance = SquaredDistance(point, centroids.points()[static_cast<size_t>(labels.labels[i])]);
    if (distance > 0) Insert({distance, point});
  }
}

void FarthestPoints::Merge(const FarthestPoints& other) {
  wanted = std::max(wanted, other.wanted);
  for (const Candidate& candidate : other.candidates) Insert(candidate);
}

void FarthestPoints::Encode(ByteWriter* writer) const {
  writer->U32(wanted);
  writer->U32(static_cast<uint32_t>(candidates.size()));
  for (const Candidate& candidate : candidates) {
    writer->I64(candidate.squared_distance);
    for (const int64_t coordinate : candidate.point) writer->I64(coordinate);
  }
}

FarthestPoints FarthestPoints::Decode(ByteReader* reader) {
  FarthestPoints points;
  points.wanted = reader->U32();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Candidate& candidate = points.candidates.emplace_back();
    candidate.squared_distance = reader->I64();
    for (int64_t& coordinate : candidate.point) coordinate = reader->I64();
  }
  return points;
}

}  // namespace strata
