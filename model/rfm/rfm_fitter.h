// Fits the cut points of RFM scores: exact quantiles of recency, frequency and monetary value over the customers with a
// purchase day, as of the run's date. Cut i of s scores (i = 1..s-1) is the smallest value v with
// count(values <= v) >= ceil(i n / s). A Fitter (model/fitter.h); not thread-safe.
#pragma once

#include <array>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_quantiles.h"

namespace strata {

class RfmFitter {
 public:
  static constexpr size_t kAxes = 3;  // recency (days), frequency (purchase days), monetary (net micros)

  struct Parameters {
    std::array<std::optional<QuantileRequest>, kAxes> requests;  // nullopt: this axis is known

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
    bool operator==(const Parameters&) const = default;
  };

  struct Partial {
    Day as_of = std::numeric_limits<Day>::min();  // of the shards with customers: the same in each
    std::array<QuantilePartial, kAxes> axes;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
    bool operator==(const Partial&) const = default;
  };

  // Precondition: scores in 2..255.
  explicit RfmFitter(int scores);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt. A base without any purchaser gives customers = 0 and no cuts.
  const RfmModel& result() const { return model_; }

 private:
  std::array<ExactQuantiles, kAxes> quantiles_;
  RfmModel model_;
};
static_assert(Fitter<RfmFitter>);

}  // namespace strata
