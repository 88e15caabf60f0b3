// A base drawn again with replacement, several times at once: every customer counts in replicate b as often as a
// Poisson(1) number says, which is keyed by seed, replicate and customer, so the replicates are the same for any
// sharding. Rows are the histories of PurchaseTable, or those over opportunities. A plain value; equal tables have
// equal bytes however they were put together. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/lifetime/history_table.h"

namespace strata {

inline constexpr int kReplicatesAtOnce = 8;  // a row of a table then takes 40 bytes

// A Poisson(1) number from 64 random bits: how many of the distribution's cumulative shares lie at or below them.
int PoissonOne(uint64_t draw);
// How often a customer counts in a replicate.
int ReplicateWeight(uint64_t seed, uint32_t replicate, uint64_t customer_hash);

class BootstrapTable {
 public:
  enum class Histories : uint8_t { kPurchases = 1, kOpportunities = 2 };

  // Replicates first .. first + kReplicatesAtOnce - 1.
  static BootstrapTable Of(Histories histories, uint64_t seed, uint32_t first, const ShardFeatures& shard);

  // Adds the counts of `other`; associative and commutative.
  void Merge(const BootstrapTable& other);

  // One replicate's base; days (or opportunities) in units of so many. INTERNAL or DATA_LOSS for rows that no shard
  // makes. Precondition: 0 <= replicate < kReplicatesAtOnce.
  absl::StatusOr<HistoryTable> Replicate(int replicate, double time_unit_days) const;

  void Encode(ByteWriter* writer) const;
  static BootstrapTable Decode(ByteReader* reader);

 private:
  struct Row {
    uint64_t key;  // x, t_x, T in 21 bits each, x highest
    std::array<uint32_t, kReplicatesAtOnce> weight;
  };

  void AddUp();  // equal neighbours

  std::vector<Row> rows_;  // ascending by key, each once
  int64_t impossible_ = 0;
  bool missing_ = false;  // a shard had no opportunities
};

}  // namespace strata
