// What a night asks of its clustering, and what it starts from. A plain value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clustering_rules.h"
#include "base/date.h"
#include "model/clustering/refit.h"
#include "model/kernels/kernels.h"

namespace strata {

struct ClusteringModel;  // model/fitted_models.h

struct ClusterFitSettings {
  std::vector<ClusterFeatureSettings> features;  // no transform is kDefault; empty: DefaultClusterFeatures()
  std::string weight;                            // a numeric column; empty: customers count alike
  std::optional<int> k;                          // nullopt: chosen by the gap statistic from 1..k_max
  int k_max = 12;
  int starts = 16;
  int iterations_max = 100;
  int64_t tolerance = 0;        // millionths of the inertia; 0: an exact fixpoint ends a fit
  int64_t trim = 0;             // share of customers set aside, millionths
  std::optional<double> gamma;  // of a mismatch of a category, scaled units squared; nullopt: estimated
  bool gamma_huang = false;     // estimated as half of the mean deviation; else as variance over mismatch
  uint32_t sample = 32'768;     // customers that the search looks at
  int references = 20;
  bool all_trials = false;  // the table of all k although k is given
  uint64_t seed = 1;
  Day as_of = 0;
  RefitRules refit;
  std::shared_ptr<const ClusteringModel> last;  // of the followed snapshot; null: none
  const Kernels* kernels = &WidestKernels();    // of the solver; any of them gives the same bits

  // Of everything above that makes a model another one: not of refit, seed, as_of, last, kernels and sample sizes.
  uint64_t Checksum() const;
};

}  // namespace strata
