// The lifetime-value fit of a night: one round that gathers the exact table of purchase histories, of today and of the
// hold-out where there is one, then maximum likelihood on the merged tables (model/lifetime/fit_lifetime.h). The tables
// are the same for any sharding, so the parameters are too, to the bit.
//
// With a hold-out: the kind is chosen by it where the job says `auto` and the followed choice is too old
// (model/lifetime/choose_model.h), and the kind is judged by it every night (model/lifetime/judge.h), on parameters of
// before the hold-out. Parameters of today are fitted anew, or kept from the followed snapshot as the refit says.
//
// Every kind but bg_bb and sbg. A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>
#include <string>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/holdout_table.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "model/lifetime/purchase_table.h"

namespace strata {

class LifetimeFitter {
 public:
  // Which columns of a shard the fit looks at. Numbers travel between processes.
  enum class View : uint8_t {
    kToday = 0,
    kChurnTest = 1,  // as of the churn test's cutoff, for an honest baseline there
  };

  struct Parameters {
    View view = View::kToday;
    bool holdout = false;  // the view of the hold-out as well

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };
  struct Partial {
    PurchaseTable purchases;
    HoldoutTable holdout;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  LifetimeFitter(LifetimeFitSettings settings, View view);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // DATA_LOSS or INTERNAL where a table cannot be what shards hold; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const LifetimeModel& result() const { return result_; }

 private:
  LifetimeFitSettings settings_;
  View view_;
  bool done_ = false;
  LifetimeModel result_;
};

}  // namespace strata
