// Margin for net: what share of their net customers leave after costs, over the whole base, as a factor on every
// forecast of spend. One round over the profile's columns (data/profile/profile.h): sum of `margin` over sum of `gross`
// less `returns`, both in the window of the job's sums, as 128-bit whole numbers, so the same for any sharding. One
// factor for all: a single customer's own margin is too noisy to forecast with.
//
// A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>
#include <string>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"

namespace strata {

class MarginFitter {
 public:
  struct Parameters {
    void Encode(ByteWriter*) const {}
    static Parameters Decode(ByteReader*) { return {}; }
  };

  struct Partial {
    int64_t customers = 0;  // whose margin is known
    Int128 margin_micros = 0;
    Int128 net_micros = 0;  // gross less returns of these customers

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  // What the job's margin is made of, in words (MarginBasis, data/profile/job_profile.h).
  explicit MarginFitter(std::string basis);

  std::optional<Parameters> Next() const;
  // Nobody's margin is known where the shard has no profile.
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // FAILED_PRECONDITION after the only round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt. The factor is 1, with the reason, where there is no margin or no positive net.
  const MarginFactor& result() const { return result_; }

 private:
  bool done_ = false;
  MarginFactor result_;
};

}  // namespace strata
