// The lifetime-value fit of a night: one round that gathers the exact table of purchase histories, then maximum
// likelihood for BG/NBD on the merged table (model/lifetime/bg_nbd_fit.h). The table is the same for any sharding, so
// the parameters are too, to the bit. A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
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

    void Encode(ByteWriter* writer) const { writer->U8(static_cast<uint8_t>(view)); }
    static Parameters Decode(ByteReader* reader) { return {.view = static_cast<View>(reader->U8())}; }
  };
  using Partial = PurchaseTable;

  // time_unit_days > 0: the unit of alpha in the result.
  LifetimeFitter(double time_unit_days, View view);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // DATA_LOSS or INTERNAL where the table cannot be what shards hold; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const LifetimeModel& result() const { return result_; }

 private:
  View view_;
  bool done_ = false;
  LifetimeModel result_;
};

}  // namespace strata
