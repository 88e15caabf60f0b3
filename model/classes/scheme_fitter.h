// Fits the cuts of value classes, peers and levels over the customers of the run's date, all in the same rounds: ranked
// margins (model/statistics/ranked_values.h), and exact quantiles of the levels and of the groups. Life-cycle cuts need
// no round and come ready. Frozen cuts replace fitted ones, while sums, curve and counts are of this night. A Fitter
// (model/fitter.h); not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/classes/scheme_models.h"
#include "model/classes/value_class.h"
#include "model/customer_columns.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_quantiles.h"
#include "model/statistics/grouped_quantiles.h"
#include "model/statistics/ranked_values.h"

namespace strata {

inline constexpr size_t kMaxPeerGroups = 1'000'000;  // bounds the model; with more there is no growth potential
inline constexpr int64_t kSpendingGroupMin = 100;    // customers of a category with cuts of its own

struct LevelRule {
  std::vector<int64_t> quantiles = {500'000, 800'000};  // two, in millionths, ascending
  std::vector<int64_t> fixed;                           // two cuts instead, in the unit of the value
};

// What a job says, as its reader checked it (run/job_schemes.h).
struct SchemeFitSettings {
  bool value = false;  // value classes, grades and peers
  ValueShares shares;
  std::string basis;                   // what the margin is made of
  std::optional<int64_t> window_days;  // of the profile's sums
  int loyalty_up = 4, loyalty_down = 1;
  int64_t stability_up_max = 250'000, stability_down_min = 4'000'000;
  int64_t peer_quantile = 800'000;
  int64_t peers_min = 100;
  std::array<std::optional<LevelRule>, 5> levels;  // of value, frequency, amount, order, spending
  std::optional<LifeCycleModel> life_cycle;        // FitLifeCycle's, or the followed snapshot's
  std::optional<ValueModel> frozen_value;          // the followed snapshot's, whose cuts stay
  std::optional<PeerModel> frozen_peers;
  int64_t ranked_window = kRankedWindow;  // no result depends on it
};

class SchemeFitter {
 public:
  static constexpr size_t kLevels = 5;

  struct Parameters {  // nullopt: nothing to count
    std::optional<RankedRequest> margins;
    std::optional<GroupedRequest> peers;
    std::array<std::optional<QuantileRequest>, kLevels> levels;
    std::optional<GroupedRequest> spending;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
    bool operator==(const Parameters&) const = default;
  };

  struct Partial {
    Day as_of = std::numeric_limits<Day>::min();  // of the shards with customers: the same in each
    RankedPartial margins;
    GroupedPartial peers;
    std::array<QuantilePartial, kLevels> levels;
    GroupedPartial spending;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
    bool operator==(const Partial&) const = default;
  };

  explicit SchemeFitter(const SchemeFitSettings& settings);

  std::optional<Parameters> Next() const;
  // Precondition: the shard has a profile (ClassifyCustomers says which columns count).
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const SchemeModels& result() const { return models_; }

 private:
  absl::Status AbsorbParts(const Parameters& asked, const Partial& merged);
  void Finish();
  void FinishValue();
  void FinishPeers();
  void FinishLevels();

  SchemeFitSettings settings_;
  Day as_of_ = 0;
  std::optional<RankedValues> margins_;
  std::optional<ValueCurve> curve_;  // once the totals are known
  std::optional<GroupedQuantiles> peers_;
  std::array<std::optional<ExactQuantiles>, kLevels> levels_;
  std::optional<GroupedQuantiles> spending_;
  SchemeModels models_;
};
static_assert(Fitter<SchemeFitter>);

}  // namespace strata
