// The fit of a discrete model in a night, BG/BB or sBG: one round that gathers the exact table (discrete_table.h), then
// maximum likelihood on it (fit_lifetime.h). The table is the same for any sharding, so the parameters are too, to the
// bit. A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>

#include "model/fitter.h"
#include "model/lifetime/discrete_table.h"
#include "model/lifetime/fit_lifetime.h"

namespace strata {

class DiscreteFitter {
 public:
  struct Parameters {
    LifetimeKind kind = LifetimeKind::kBgBb;

    void Encode(ByteWriter* writer) const { writer->U8(static_cast<uint8_t>(kind)); }
    static Parameters Decode(ByteReader* reader) { return {.kind = static_cast<LifetimeKind>(reader->U8())}; }
  };

  struct Partial {
    OpportunityTable opportunities;
    ContractCounts contracts;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  // Precondition: kBgBb or kSbg.
  DiscreteFitter(LifetimeKind kind, FitOptions options);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // Errors of the tables; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const LifetimeFit& result() const { return result_; }

 private:
  LifetimeKind kind_;
  FitOptions options_;
  bool done_ = false;
  LifetimeFit result_;
};

}  // namespace strata
