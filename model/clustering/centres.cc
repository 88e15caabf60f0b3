#include "model/clustering/centres.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace strata {

int64_t SquaredDistance(const Centre& a, const Centre& b, int64_t gamma) {
  int64_t sum = 0;
  for (size_t j = 0; j < a.q.size(); ++j) {
    const int64_t difference = int64_t{a.q[j]} - b.q[j];
    sum += difference * difference;
  }
  for (size_t f = 0; f < a.modes.size(); ++f) sum += a.modes[f] == b.modes[f] ? 0 : gamma;
  return sum;
}

CentreSet::CentreSet(std::vector<Centre> centres, int64_t gamma) : centres_(std::move(centres)), gamma_(gamma) {
  for (const Centre& centre : centres_) {
    int64_t squared_norm = 0;
    for (const int32_t q : centre.q) {
      coordinates_.push_back(static_cast<float>(q));
      squared_norm += int64_t{q} * q;
    }
    half_norms_.push_back(static_cast<float>(squared_norm) / 2);
    modes_.insert(modes_.end(), centre.modes.begin(), centre.modes.end());
  }
}

CentreView CentreSet::view() const {
  return {.coordinates = coordinates_.data(),
          .half_norms = half_norms_.data(),
          .modes = modes_.data(),
          .half_gamma = static_cast<float>(gamma_) / 2,
          .k = size(),
          .d = d(),
          .categories = categories()};
}

CentreSet CentreSet::Sorted(std::vector<uint8_t>* slot_of) const {
  std::vector<uint8_t> order(size());
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(), [this](uint8_t a, uint8_t b) { return centres_[a] < centres_[b]; });
  std::vector<Centre> sorted;
  for (const uint8_t slot : order) sorted.push_back(centres_[slot]);
  if (slot_of != nullptr) *slot_of = std::move(order);
  return CentreSet(std::move(sorted), gamma_);
}

void CentreSet::Encode(ByteWriter* writer) const {
  writer->I64(gamma_);
  writer->U32(static_cast<uint32_t>(centres_.size()));
  for (const Centre& centre : centres_) {
    writer->Array(centre.q);
    writer->Array(centre.modes);
  }
}

CentreSet CentreSet::Decode(ByteReader* reader) {
  const int64_t gamma = reader->I64();
  const uint32_t count = reader->U32();
  std::vector<Centre> centres;
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Centre& centre = centres.emplace_back();
    centre.q = reader->Array<int32_t>();
    centre.modes = reader->Array<uint8_t>();
    if (centre.q.size() != centres.front().q.size() || centre.modes.size() != centres.front().modes.size()) return {};
  }
  return centres.size() <= kMaxSlots ? CentreSet(std::move(centres), gamma) : CentreSet();
}

}  // namespace strata
