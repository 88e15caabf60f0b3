// Centres of clusters on the grid: integers per feature, |q| <= 2^22, and the code of the mode per category. A slot is
// the place of a centre while it moves; ties between centres go to the lower slot, so Sorted() is what a stored model
// and every prediction use: then ties are a function of the centres alone. Plain values; thread-safe once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/kernels/cluster_kernels.h"

namespace strata {

struct Centre {
  std::vector<int32_t> q;
  std::vector<uint8_t> modes;
  auto operator<=>(const Centre&) const = default;
};

// |a - b|^2 + gamma * number of modes that differ. Precondition: of the same space.
int64_t SquaredDistance(const Centre& a, const Centre& b, int64_t gamma);

class CentreSet {
 public:
  CentreSet() = default;
  // gamma: what a category that is not the mode adds to the squared distance, grid units squared. Preconditions: at
  // most kMaxSlots centres, all of the same features and categories.
  explicit CentreSet(std::vector<Centre> centres, int64_t gamma = 0);

  size_t size() const { return centres_.size(); }
  size_t d() const { return centres_.empty() ? 0 : centres_.front().q.size(); }
  size_t categories() const { return centres_.empty() ? 0 : centres_.front().modes.size(); }
  const std::vector<Centre>& centres() const { return centres_; }
  const Centre& operator[](size_t slot) const { return centres_[slot]; }
  int64_t gamma() const { return gamma_; }
  CentreView view() const;  // of this set: valid as long as it stays where and what it is

  // Ascending; (*slot_of)[i] is where the i-th came from.
  CentreSet Sorted(std::vector<uint8_t>* slot_of = nullptr) const;

  void Encode(ByteWriter* writer) const;
  static CentreSet Decode(ByteReader* reader);
  bool operator==(const CentreSet& other) const { return gamma_ == other.gamma_ && centres_ == other.centres_; }

 private:
  std::vector<Centre> centres_;
  int64_t gamma_ = 0;
  std::vector<float> coordinates_;
  std::vector<float> half_norms_;
  std::vector<uint8_t> modes_;
};

}  // namespace strata
