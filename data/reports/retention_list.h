// The customers with the most value at risk, in a partial that merges exactly, and what can be done about each. Plain
// values; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/churn/churn_reason.h"
#include "run/churn_settings.h"

namespace strata {

struct AtRiskCustomer {
  int64_t value_micros = 0;  // at risk
  uint64_t hash = 0;
  std::string id;
  ChurnBand band = ChurnBand::kNone;
  double probability = 0, margin = 0;
  std::array<ChurnReason, kChurnReasons> reasons;

  // The greatest value first, ties by hash and id: a total order of customers.
  bool operator<(const AtRiskCustomer& other) const;
};

class RetentionList {
 public:
  RetentionList() = default;
  explicit RetentionList(size_t most) : most_(most) {}

  void Add(AtRiskCustomer customer);
  void Merge(const RetentionList& other);
  void Encode(ByteWriter* writer) const;
  static RetentionList Decode(ByteReader* reader);

  // At most as many as asked for, in their order.
  std::vector<AtRiskCustomer> Take() const;

 private:
  void Cut();

  size_t most_ = 0;
  std::vector<AtRiskCustomer> customers_;  // may be twice as many until they are cut
};

// The best of what may be done about a customer; nullopt: no action of the band has a save rate, or none is worth its
// cost. Gain = save rate * value at risk - cost, micros; ties: the action that is named first.
struct BestAction {
  const ChurnAction* action = nullptr;
  int64_t gain_micros = 0;
};
std::optional<BestAction> BestActionFor(std::span<const ChurnAction> actions, ChurnBand band, int64_t value_micros);

}  // namespace strata
