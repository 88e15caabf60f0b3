#include "model/clustering/cluster_sums.h"

#include <algorithm>

#include "model/statistics/integer_sums.h"

namespace strata {

ClusterSums::ClusterSums(size_t slots, size_t features, const std::vector<size_t>& levels_of_categories)
    : d(features), count(slots), weight(slots), sums(slots * features) {
  for (size_t slot = 0; slot < slots; ++slot) {
    for (const size_t number : levels_of_categories) levels.emplace_back(number);
  }
}

int64_t ClusterSums::customers() const {
  int64_t sum = 0;
  for (const int64_t n : count) sum += n;
  return sum;
}

Int128 ClusterSums::total_weight() const {
  Int128 sum = 0;
  for (const Int128 w : weight) sum += w;
  return sum;
}

Centre ClusterSums::MeanOf(size_t slot) const {
  Centre mean;
  const int64_t divisor = static_cast<int64_t>(weight[slot]);
  for (size_t j = 0; j < d; ++j) {
    mean.q.push_back(static_cast<int32_t>(RoundedQuotient(sums[slot * d + j], divisor)));
  }
  const size_t width = categories();
  for (size_t f = 0; f < width; ++f) {
    const std::vector<int64_t>& of_codes = levels[slot * width + f];
    const auto mode = std::max_element(of_codes.begin(), of_codes.end());  // the first of equals
    mean.modes.push_back(static_cast<uint8_t>(mode - of_codes.begin()));
  }
  return mean;
}

Int128 ClusterSums::Inertia(const CentreSet& centres) const {
  // sum |x - c|^2 = sum |x|^2 - 2 c.(sum x) + W |c|^2, in integers
  Int128 inertia = squares;
  const size_t width = categories();
  for (size_t slot = 0; slot < slots(); ++slot) {
    const Centre& centre = centres[slot];
    for (size_t j = 0; j < d; ++j) {
      const Int128 coordinate = centre.q[j];
      inertia += coordinate * (coordinate * weight[slot] - 2 * sums[slot * d + j]);
    }
    for (size_t f = 0; f < width; ++f) {
      const std::vector<int64_t>& of_codes = levels[slot * width + f];
      const int64_t same = centre.modes[f] < of_codes.size() ? of_codes[centre.modes[f]] : 0;
      inertia += centres.gamma() * (weight[slot] - same);
    }
  }
  return inertia;
}

void ClusterSums::Add(size_t slot, const Centre& point, int64_t weight_of_point) {
  ++count[slot];
  weight[slot] += weight_of_point;
  for (size_t j = 0; j < d; ++j) {
    const Int128 q = point.q[j];
    sums[slot * d + j] += q * weight_of_point;
    squares += q * q * weight_of_point;
  }
  const size_t width = categories();
  for (size_t f = 0; f < width; ++f) {
    std::vector<int64_t>& of_codes = levels[slot * width + f];
    if (of_codes.size() <= point.modes[f]) of_codes.resize(point.modes[f] + size_t{1});
    of_codes[point.modes[f]] += weight_of_point;
  }
}

void ClusterSums::Merge(const ClusterSums& other) {
  if (other.slots() == 0) return;
  d = other.d;
  AddInto(&count, other.count);
  AddInto(&weight, other.weight);
  AddInto(&sums, other.sums);
  if (levels.size() < other.levels.size()) levels.resize(other.levels.size());
  for (size_t i = 0; i < other.levels.size(); ++i) AddInto(&levels[i], other.levels[i]);
  squares += other.squares;
}

void ClusterSums::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(d));
  writer->Array(count);
  writer->Array(weight);
  writer->Array(sums);
  writer->U32(static_cast<uint32_t>(levels.size()));
  for (const std::vector<int64_t>& of_codes : levels) writer->Array(of_codes);
  writer->I128(squares);
}

ClusterSums ClusterSums::Decode(ByteReader* reader) {
  ClusterSums read;
  read.d = reader->U32();
  read.count = reader->Array<int64_t>();
  read.weight = reader->Array<Int128>();
  read.sums = reader->Array<Int128>();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) read.levels.push_back(reader->Array<int64_t>());
  read.squares = reader->I128();
  const size_t slots = read.count.size();
  const bool agrees = read.weight.size() == slots && read.sums.size() == slots * read.d &&
                      (slots == 0 ? read.levels.empty() : read.levels.size() % slots == 0);
  return agrees ? read : ClusterSums();
}

}  // namespace strata
