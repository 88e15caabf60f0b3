// How many of a group were lost after a cutoff, and what they had brought. Counts that merge exactly; plain values and
// pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/statistics/wilson.h"

namespace strata {

// Below so many customers at risk a rate would be noise, and is not told.
inline constexpr int64_t kLossRowsMin = 20;

struct LossCounts {
  int64_t at_risk = 0, lost = 0;
  // Net of the year before the cutoff, of customers at risk and of those of them who were lost; below 0 as 0.
  Int128 net_micros = 0, lost_net_micros = 0;

  void Add(bool is_lost, int64_t net_micros_365);
  void Merge(const LossCounts& other);
  void Encode(ByteWriter* writer) const;
  static LossCounts Decode(ByteReader* reader);
  bool operator==(const LossCounts&) const = default;
};

struct LossRates {
  double churn = 0;           // lost customers of those at risk
  ShareInterval interval;     // of it, 95 %
  std::optional<double> net;  // lost net of all net; none where there was no net
};

// nullopt with fewer than kLossRowsMin at risk.
std::optional<LossRates> RatesOf(const LossCounts& counts);

}  // namespace strata
