// What a job asks of its clustering (docs/clustering.md). Shares are millionths. Plain values; thread-safe.
// run/job_clustering.h reads and checks them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clustering_rules.h"

namespace strata {

// When clusters are found anew instead of kept from the snapshot that a run follows.
struct ClusterRefit {
  bool nightly = false;
  bool frozen = false;
  bool drift = true;             // when the base has moved away from them
  std::optional<int> days = 30;  // when they are so old

  bool operator==(const ClusterRefit&) const = default;
};

struct ClusteringSettings {
  // As the job names them, defaults filled in: no transform is kDefault. Empty: DefaultClusterFeatures().
  std::vector<ClusterFeatureSettings> features;
  std::optional<int> k;  // nullopt: auto, chosen by the gap statistic from 1..k_max
  int k_max = 12;        // 2..64
  int starts = 16;       // 1..64
  int iterations_max = 100;
  int64_t tolerance = 0;        // 0..10,000: relative fall of the inertia that ends a fit; 0: an exact fixpoint does
  int64_t trim = 0;             // 0..500,000: share of customers that is set aside
  std::optional<double> gamma;  // of categories; nullopt: estimated
  bool gamma_huang = false;     // estimated as half of the mean deviation (Huang 1998)
  std::string weight;           // a numeric column; empty: customers count alike
  int sample = 32'768;          // 1,024..65,536
  int references = 20;          // 20..100, of the gap statistic
  bool all_trials = false;      // the table of all k although k is given
  ClusterRefit refit;
  double drift_psi = 0.25;      // > 0: population stability index of a flagged feature
  double drift_inertia = 0.25;  // > 0: rise of the mean squared distance to the own centre

  // Whether a feature or the weight needs a profile of customers (data/profile/profile.h).
  bool WantsProfile() const;
};

}  // namespace strata
