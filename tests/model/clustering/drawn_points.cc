#include "tests/model/clustering/drawn_points.h"

#include <algorithm>
#include <random>

#include "base/hash.h"

namespace strata {

DrawnPoints::DrawnPoints(uint64_t seed, const Shape& shape_of) : shape(shape_of) {
  std::mt19937_64 random(seed);
  const auto whole = [&random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (size_t i = 0; i < shape.n; ++i) {
    for (size_t j = 0; j < shape.d; ++j) q.push_back(static_cast<int32_t>(whole(-shape.range, shape.range)));
    for (size_t f = 0; f < shape.categories; ++f) codes.push_back(static_cast<uint8_t>(whole(0, 3)));
    hash.push_back(Mix(random()));
    if (shape.weighted) weights.push_back(static_cast<int32_t>(whole(0, 4) == 0 ? 0 : whole(1, kCustomerWeightMax)));
  }
}

PointBlocks DrawnPoints::Blocks() const { return Shard(0, 1); }

PointBlocks DrawnPoints::Shard(size_t number, size_t shards) const {
  std::vector<int32_t> some_q, some_weights;
  std::vector<uint8_t> some_codes;
  std::vector<uint64_t> some_hash;
  for (size_t i = number; i < shape.n; i += shards) {
    const Centre customer = point(i);
    some_q.insert(some_q.end(), customer.q.begin(), customer.q.end());
    some_codes.insert(some_codes.end(), customer.modes.begin(), customer.modes.end());
    some_hash.push_back(hash[i]);
    if (shape.weighted) some_weights.push_back(weights[i]);
  }
  return PointBlocks::OfGrid(shape.d, shape.categories, some_q, some_codes, some_hash, some_weights);
}

Centre DrawnPoints::point(size_t i) const {
  Centre centre;
  for (size_t j = 0; j < shape.d; ++j) centre.q.push_back(q[i * shape.d + j]);
  for (size_t f = 0; f < shape.categories; ++f) centre.modes.push_back(codes[i * shape.categories + f]);
  return centre;
}

SlowEvaluation::SlowEvaluation(const DrawnPoints& points, const CentreSet& centres, int64_t trim)
    : sums(centres.size(), points.shape.d, std::vector<size_t>(points.shape.categories, 1)) {
  std::vector<std::pair<UInt128, size_t>> keys;
  for (size_t i = 0; i < points.shape.n; ++i) {
    const Centre point = points.point(i);
    size_t nearest = 0;
    for (size_t slot = 1; slot < centres.size(); ++slot) {  // exact; the drawn coordinates are small enough for floats
      if (SquaredDistance(point, centres[slot], centres.gamma()) <
          SquaredDistance(point, centres[nearest], centres.gamma())) {
        nearest = slot;
      }
    }
    labels.push_back(static_cast<uint8_t>(nearest));
    distances.push_back(SquaredDistance(point, centres[nearest], centres.gamma()));
    keys.emplace_back(TrimKey(distances[i], points.hash[i]), i);
  }
  std::sort(keys.begin(), keys.end());
  for (int64_t t = 0; t < trim; ++t) labels[keys[keys.size() - 1 - static_cast<size_t>(t)].second] = kNoSlot;
  for (size_t i = 0; i < points.shape.n; ++i) {
    if (labels[i] == kNoSlot) continue;
    sums.Add(labels[i], points.point(i), points.weight(i));
    inertia += Int128{distances[i]} * points.weight(i);
  }
}

}  // namespace strata
