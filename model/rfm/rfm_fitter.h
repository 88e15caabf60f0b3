// Fits the cut points of RFM scores over the customers with a purchase day, as of the run's date. Cut i of s scores
// (i = 1..s-1) separates scores i and i + 1 counted from the least value; a value equal to a cut belongs below it. So a
// score is a function of the value alone, and equal customers have equal scores, whatever the rule:
//
//   quantile   the smallest value v with count(values <= v) >= ceil(i n / s)
//   mid_rank   the greatest value v with less(v) + (equal(v) + 1) / 2 <= i n / s; where that is the value before the
//              quantile, it is given as the quantile minus one unit (a day, a purchase day, a micro), which separates
//              the same values
//   nested     quantile or mid_rank, of frequency within each recency score, then of monetary within each recency and
//              frequency score; a group without customers takes the plain cuts of its axis
//   fixed      given
//
// With frozen cuts there is no round and the result is the given model, with this fit's grid. A Fitter
// (model/fitter.h); not thread-safe.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_quantiles.h"
#include "model/statistics/grouped_quantiles.h"

namespace strata {

// What a job says of RFM. Preconditions are those that its reader checks (run/job_schemes.h).
struct RfmFitSettings {
  enum class Cuts : uint8_t { kQuantile = 0, kFixed = 1, kNested = 2 };
  std::array<int, 3> scores = {5, 5, 5};  // of recency, frequency, monetary; each 2..10
  Cuts cuts = Cuts::kQuantile;
  std::array<std::vector<int64_t>, 3> fixed;  // kFixed: scores - 1 ascending values; days, purchase days, micros
  bool mid_rank = false;
  bool windowed =
      false;  // values of the profile's columns rfm_recency, rfm_frequency, rfm_monetary; else of the features
  std::string window = "all";  // in words, as RfmModel has it
  bool mean_fm = false;
  std::string grid = "eleven";
  std::vector<std::string> grid_classes;  // of a grid of the job, as RfmModel has them
  std::vector<int> grid_axes;
  std::vector<uint8_t> grid_cells;
  std::optional<RfmModel> frozen;  // the followed snapshot's, with the same scores, cuts, tie rule and window
};

class RfmFitter {
 public:
  static constexpr size_t kAxes = 3;  // recency (days), frequency (purchase days), monetary (net micros)

  struct Parameters {
    std::array<std::optional<QuantileRequest>, kAxes> requests;  // nullopt: nothing to count on this axis
    bool sums = false;
    bool windowed = false;
    // Nested cuts: what is known so far, which tells the group of a customer.
    std::optional<GroupedRequest> groups;  // of frequency while frequency_by_recency is empty, else of monetary
    std::array<int, kAxes> scores = {0, 0, 0};
    std::vector<int64_t> recency_cuts_days;
    std::vector<std::vector<int64_t>> frequency_by_recency;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
    bool operator==(const Parameters&) const = default;
  };

  struct Partial {
    Day as_of = std::numeric_limits<Day>::min();  // of the shards with customers: the same in each
    std::array<QuantilePartial, kAxes> axes;
    std::array<Int128, kAxes> sums = {0, 0, 0};
    GroupedPartial groups;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
    bool operator==(const Partial&) const = default;
  };

  // A plain fit. Precondition: scores in 2..255.
  explicit RfmFitter(int scores);
  explicit RfmFitter(const RfmFitSettings& settings);

  std::optional<Parameters> Next() const;
  // Precondition of a windowed fit: the shard has a profile with its three columns.
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt. A base without any purchaser gives customers = 0 and no cuts.
  const RfmModel& result() const { return model_; }

 private:
  absl::Status AbsorbAxes(const Partial& merged);
  void FinishAxes();
  void StartGroups(size_t axis);
  void FinishGroups();
  std::vector<int64_t> CutsOf(size_t axis, int64_t count, const std::vector<int64_t>& values,
                              const std::vector<QuantilePlace>& places) const;

  RfmFitSettings settings_;
  std::vector<ExactQuantiles> quantiles_;   // of the axes
  std::optional<GroupedQuantiles> groups_;  // nested, while they are looked for
  RfmModel model_;
  bool started_ = false;  // the sums are known
};
static_assert(Fitter<RfmFitter>);

}  // namespace strata
