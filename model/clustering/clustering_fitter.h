// The clustering of a night as a fitter: rounds from the customers to a model (docs/clustering.md).
//
//   drift       where a model is followed: how far tonight's base is from it; decides whether clusters are found anew
//   space       transforms, scales and the grid (space_finder.h), and a keyed sample of the base
//   trials      the search, on the sample: every number of clusters, references, halves (trials.h); the choice of k
//   seeding     a start of the whole base by k-means||, where the base is larger than the sample
//   lloyd       the best optima of the sample, that start and the last centres, all in one pass, to a fixpoint
//   confirm     everybody by the final centres, in ascending order; overlap with the followed clusters
//   quality     silhouettes and distances, which need the totals of the confirmation
//
// Stages that a night does not need are left out: of a base that the sample holds whole, trials have found the optimum;
// a model that is kept is confirmed and measured alone.
//
// Parameters and Partial hold the one stage that a round is of. What a shard's FitCache holds changes no bit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/clustering/cluster_fit_settings.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/fit_stages.h"
#include "model/clustering/lloyd_run.h"
#include "model/clustering/space_finder.h"
#include "model/clustering/trials.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"

namespace strata {

class ClusteringFitter {
 public:
  struct Parameters {
    std::optional<Placement> drift;
    std::optional<SpaceRequest> space;
    std::optional<TrialsRequest> trials;
    std::optional<SeedingRequest> seeding;
    std::optional<LloydRequest> lloyd;
    std::optional<ConfirmRequest> confirm;
    std::optional<QualityRequest> quality;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };
  struct Partial {
    std::optional<DriftPartial> drift;
    std::optional<SpacePartial> space;
    std::optional<TrialsPartial> trials;
    std::optional<SeedingPartial> seeding;
    std::optional<LloydPartial> lloyd;
    std::optional<ConfirmPartial> confirm;
    std::optional<QualityPartial> quality;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  explicit ClusteringFitter(const ClusterFitSettings& settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // Errors of the space (SpaceFinder::Absorb) end the run; INTERNAL when a partial does not belong to its round.
  absl::Status Absorb(const Partial& merged);
  // Precondition: Next() is nullopt.
  const ClusteringModel& result() const { return model_; }

 private:
  enum class Stage : uint8_t { kDrift, kSpace, kTrials, kSeeding, kLloyd, kConfirm, kQuality, kDone };
  // Numbers of the runs over the base; below are those from optima of the sample.
  static constexpr uint32_t kParallelRun = 10;
  static constexpr uint32_t kLastRun = 11;

  absl::Status AbsorbDrift(const DriftPartial& merged);
  absl::Status AbsorbSpace(const SpacePartial& merged);
  absl::Status AbsorbTrials(const TrialsPartial& merged);
  absl::Status AbsorbSeeding(const SeedingPartial& merged);
  absl::Status AbsorbLloyd(const LloydPartial& merged);
  absl::Status AbsorbConfirm(const ConfirmPartial& merged);
  absl::Status AbsorbQuality(const QualityPartial& merged);

  void Keep();
  void StartSpace();
  void StartTrials();
  void StartReferences();
  // The number of clusters, by the trials and the followed model.
  int ChooseClusters();
  void StartSearch();
  void StartOversample(uint32_t round);
  void StartLloyd();
  void DropHopelessRuns();
  void Confirm(const TrialOptimum& optimum);
  void TakeBest();
  bool Follows() const { return settings_.last != nullptr && settings_.last->k > 0; }
  int64_t TrimmedCustomers(int64_t customers) const;

  ClusterFitSettings settings_;
  Stage stage_ = Stage::kSpace;
  ClusteringModel model_;
  std::optional<SpaceFinder> finder_;

  TrialsRequest trials_;
  std::map<uint32_t, TrialResult> results_;
  int k_ = 1;

  std::vector<Centre> candidates_;
  std::optional<OversampleRequest> oversample_;  // of the next round; nullopt: weights
  std::map<uint32_t, LloydRun> runs_;
  std::map<uint32_t, TrialOptimum> found_;  // runs that have ended, and those that trials ended

  Placement placement_;  // of the model
  ClusterTotals totals_;
};

}  // namespace strata
