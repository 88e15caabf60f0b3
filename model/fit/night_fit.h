// All models of a night, fitted together: independent models advance in the same round. Pure; the coordinator owns it.
// A round's request and its partials are bytes of the models' own canonical encodings, so that they can travel and be
// compared.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_fit_settings.h"
#include "model/classes/scheme_fitter.h"
#include "model/clustering/cluster_fit_settings.h"
#include "model/customer_columns.h"
#include "model/fit/percentile_round.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "model/rfm/rfm_fitter.h"

namespace strata {

struct NightFitSettings {
  // Percentiles of columns, taken when all models are done. `encode_models` says how models travel to whoever makes the
  // columns (ColumnsByModels); empty where no column needs them.
  std::vector<ColumnQuantiles::Target> percentiles;
  std::function<std::string(const FittedModels&)> encode_models;
  uint64_t seed = 1;
  const Kernels* kernels = &WidestKernels();  // of the solver; any of them gives the same bits
  std::optional<RfmFitSettings> rfm;
  std::optional<SchemeFitSettings> schemes;
  std::optional<ClusterFitSettings> clustering;
  std::optional<LifetimeFitSettings> lifetime;
  bool spend = false;  // with lifetime only
  int lifetime_horizon_days = 365;
  double discount_rate_annual = 0.10;
  std::optional<ChurnFitSettings> churn;
};

class NightFit {
 public:
  explicit NightFit(const NightFitSettings& settings);
  ~NightFit();
  NightFit(const NightFit&) = delete;
  NightFit& operator=(const NightFit&) = delete;

  // Parameters of every model that still needs a round; nullopt when all are done.
  std::optional<std::string> Next() const;
  // How many models still need a round.
  uint32_t models_left() const;
  // Takes the partials of a disjoint cover of all shards, in any order.
  absl::Status Absorb(const std::vector<std::string>& partials);
  // Precondition: Next() is nullopt.
  FittedModels Result() const;
  // By target of the settings. Precondition: Next() is nullopt.
  std::map<ColumnQuantiles::Target, std::optional<int64_t>> Percentiles() const;

 private:
  struct Fitters;
  NightFitSettings settings_;
  std::unique_ptr<Fitters> fitters_;
};

// The worker's side of a round, some shards at a time, so that not all of their features need be at hand at once. Not
// thread-safe; Add uses the TBB threads of the calling arena.
class RoundSum {
 public:
  // DATA_LOSS when the request is not as Next() made it; errors of `columns`, which is asked where percentiles are
  // wanted. `kernels` must outlive the sum.
  static absl::StatusOr<RoundSum> ForRequest(std::string_view request, const Kernels& kernels,
                                             const ColumnsByModels& columns = {});
  RoundSum(RoundSum&&) noexcept;
  RoundSum& operator=(RoundSum&&) noexcept;
  ~RoundSum();

  void Add(const std::vector<const ShardFeatures*>& shards);
  // The partial of all that was added. Errors of columns that were not to be had.
  absl::StatusOr<std::string> Take() const;

 private:
  class Model;
  template <typename F>
  class ModelOf;
  class PercentileModel;
  RoundSum();
  std::vector<std::unique_ptr<Model>> models_;
};

// The worker's side of a round: the partial of all `shards` for a request of Next(). Uses the TBB threads of the
// calling arena; exact merging makes the answer independent of them. DATA_LOSS when the request is not as Next() made
// it.
absl::StatusOr<std::string> AccumulateRound(std::string_view request, const std::vector<const ShardFeatures*>& shards,
                                            const Kernels& kernels);

}  // namespace strata
