// The bootstrap of a lifetime model: replicates of the base (bootstrap_table.h), kReplicatesAtOnce a round, each fitted
// by climbing from the optimum of all customers with the same parameters free. The replicates' parameters then stand
// for the draws from the normal approximation where intervals of customers are made (parameter_draws.h). A replicate
// whose search ends before a maximum is left out and counted.
//
// A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/fitter.h"
#include "model/lifetime/bootstrap_table.h"
#include "model/lifetime/fit_lifetime.h"

namespace strata {

class BootstrapFitter {
 public:
  struct Parameters {
    BootstrapTable::Histories histories = BootstrapTable::Histories::kPurchases;
    uint64_t seed = 1;
    uint32_t first = 0;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };
  using Partial = BootstrapTable;

  struct Settings {
    LifetimeFit fit;  // of all customers; where nothing is fitted, or for contracts, there are no rounds
    double time_unit_days = 7;
    LogPrior prior;
    uint64_t seed = 1;
    int replicates = 200;
  };

  explicit BootstrapFitter(Settings settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // Errors of BootstrapTable::Replicate; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt. By replicate, those left out missing.
  const std::vector<LifetimeParameters>& result() const { return result_; }
  // "3 of 200 replicates have no maximum …"; empty: all have.
  std::string warning() const;

 private:
  Settings settings_;
  int taken_ = 0;
  std::vector<LifetimeParameters> result_;
};

}  // namespace strata
