// What a clustering fit leaves: enough to label any customer on any night, to follow it, and to tell a person how good
// it is. Plain values, stored as JSON under models/ of a snapshot.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/int128.h"
#include "model/clustering/centres.h"
#include "model/clustering/drift.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/gap.h"
#include "model/clustering/matching.h"
#include "model/clustering/refit.h"
#include "model/clustering/trimming.h"

namespace strata {

struct FittedCluster {
  int id = 0;                                // 1.., never given twice within a line of followed snapshots
  std::string name;                          // short, made from the features that set it apart; stays with the id
  int64_t size = 0;                          // customers, outliers left out
  Centre centre;                             // on the grid
  // What the silhouette of a customer needs, every customer counted once: sums of q by numeric feature and of |q|^2,
  // and customers by category and word.
  std::vector<Int128> sums;
  Int128 squares = 0;
  std::vector<std::vector<int64_t>> customers_by_level;
  std::vector<std::vector<int64_t>> levels;  // weighted counts of a category's words; by category
  // (mean - mean of the base) / the base's deviation, by numeric feature; then by category the share of its mode less
  // that word's share of the base.
  std::vector<double> effects;
  Int128 net_micros = 0;
  bool operator==(const FittedCluster&) const = default;
};

struct ClusteringModel {
  int k = 0;  // 0: not fitted, `reason` says why; 1: one cluster, `reason` says why where k was to be chosen
  std::string reason;
  bool structure = true;  // false: k was to be chosen, and no number of clusters does better than one normal
  Day fitted_as_of = 0;   // of the night that found the centres
  ClusterSpace space;
  int64_t gamma = 0;                    // price of a mismatched category, 2^-2S units of the grid
  std::vector<FittedCluster> clusters;  // ascending by id
  int last_id = 0;
  int64_t customers = 0;  // with a label, outliers among them
  int64_t trim = 0;       // share set aside, millionths
  int64_t outliers = 0;
  std::optional<TrimThreshold> threshold;  // absent without trimming
  double fitted_mean_square = 0;  // of the night that found the centres: mean squared distance to them, scaled units
  double inertia = 0;     // sum of weighted squared distances to the own centre, scaled units, outliers left out
  Int128 within = 0;      // the same in 2^-2S units: what two fits are compared by
  double silhouette = 0;  // mean, squared Euclidean, exact
  std::optional<double> calinski_harabasz, davies_bouldin;
  int iterations = 0;
  bool converged = false;
  GapChoice trials;
  RefitDecision refit;
  std::vector<FeatureDrift> drift;   // against the followed model; empty without one
  double inertia_ratio = 1;          // to the followed centres, tonight's mean squared distance over that of their fit
  std::optional<Matching> matching;  // absent without a followed snapshot
  uint64_t settings_checksum = 0;    // of what a fit depends on: another one is another model
  std::vector<std::string> warnings;
  bool operator==(const ClusteringModel&) const = default;

  // By id; null: there is none.
  const FittedCluster* Find(int id) const {
    const auto found = std::lower_bound(clusters.begin(), clusters.end(), id,
                                        [](const FittedCluster& cluster, int wanted) { return cluster.id < wanted; });
    return found == clusters.end() || found->id != id ? nullptr : &*found;
  }
};

}  // namespace strata
