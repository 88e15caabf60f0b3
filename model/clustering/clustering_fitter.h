// k-means over the customers with a purchase day, as of the run's date, for one k or for 2..k_max at once. A Fitter
// (model/fitter.h) in three kinds of rounds:
//   1. moments of the transformed features and a keyed sample of up to kClusteringSampleMax customers; the coordinator
//      standardises the sample and finds starting centroids for every k;
//   2. full-batch Lloyd, all unfinished k in one round (lloyd.h);
//   3. the exact silhouette of every k; of several the highest wins, ties go to the smaller k.
// Everything is summed in integers: the same bits for any grouping of customers. Not thread-safe.
//
// Defined answers with a reason: no or one customer (k = 0), fewer distinct points than clusters (k reduced), and an
// iteration limit that was reached (converged = false; labels still follow from the centroids).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/clustering/assign.h"
#include "model/clustering/cluster_features.h"
#include "model/clustering/farthest_points.h"
#include "model/clustering/lloyd.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_moments.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

inline constexpr uint32_t kClusteringSampleMax = 4096;  // 64 points a cluster at the largest k_max of 64

class ClusteringFitter {
 public:
  struct Settings {
    std::optional<int> k;      // nullopt: chosen by silhouette from 2..k_max
    int k_max = 12;            // 2..64; only without k
    int iterations_max = 100;  // > 0
    uint64_t seed = 1;
    const Kernels* kernels = &WidestKernels();  // any of them gives the same bits
  };

  enum class Stage : uint8_t { kMoments = 0, kLloyd = 1, kSilhouette = 2 };

  struct Parameters {
    struct Candidate {
      std::vector<GridPoint> centroids;  // ascending
      uint32_t farthest_wanted = 0;
      CentroidSums sums;  // for the silhouette
      bool operator==(const Candidate&) const = default;
    };
    Stage stage = Stage::kMoments;
    uint64_t seed = 0;
    ClusterScaling scaling;
    std::vector<Candidate> candidates;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };

  struct Partial {
    struct Candidate {
      CentroidSums sums;
      FarthestPoints farthest;
      int64_t silhouette = 0;  // sum over customers, units of 2^-30
      bool operator==(const Candidate&) const = default;
    };
    std::array<ExactMoments, kClusterFeatures> moments;
    KeyedSample sample;  // of transformed points
    std::vector<Candidate> candidates;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
    bool operator==(const Partial&) const = default;
  };

  explicit ClusteringFitter(const Settings& settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const ClusteringModel& result() const { return model_; }

 private:
  absl::Status AbsorbMoments(const Partial& merged);
  absl::Status AbsorbLloyd(const Partial& merged);
  absl::Status AbsorbSilhouette(const Partial& merged);
  void Choose(const CentroidRun& run, double silhouette);

  Settings settings_;
  Stage stage_ = Stage::kMoments;
  bool done_ = false;
  ClusterScaling scaling_;
  std::vector<CentroidRun> runs_;  // by k
  ClusteringModel model_;
};
static_assert(Fitter<ClusteringFitter>);

// The cluster of a customer: 0..k-1; -1 without a purchase day or when the model is not fitted.
int Predict(const ClusteringModel& model, const CustomerColumns& columns, size_t row);
// Of every row.
std::vector<int> Predict(const ClusteringModel& model, const CustomerColumns& columns, const Kernels& kernels);

}  // namespace strata
