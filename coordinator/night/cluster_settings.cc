#include "coordinator/night/cluster_settings.h"

namespace strata {
namespace {

// One without clusters too: it knows which ids were given.
bool CanFollow(const ClusteringModel& model) {
  const bool has_space = !model.space.numeric.empty() || !model.space.categories.empty();
  return model.k == 0 || (!model.clusters.empty() && has_space);
}

}  // namespace

ClusterFitSettings ClusterSettingsOf(const Job& job, const FittedModels* followed, Day as_of, const Kernels* kernels) {
  const ClusteringSettings& asked = *job.clustering;
  ClusterFitSettings settings;
  settings.features = asked.features.empty() ? DefaultClusterFeatures() : asked.features;
  settings.weight = asked.weight;
  settings.k = asked.k;
  settings.k_max = asked.k_max;
  settings.starts = asked.starts;
  settings.iterations_max = asked.iterations_max;
  settings.tolerance = asked.tolerance;
  settings.trim = asked.trim;
  settings.gamma = asked.gamma;
  settings.gamma_huang = asked.gamma_huang;
  settings.sample = static_cast<uint32_t>(asked.sample);
  settings.references = asked.references;
  settings.all_trials = asked.all_trials;
  settings.seed = job.seed;
  settings.as_of = as_of;
  settings.refit = {.nightly = asked.refit.nightly,
                    .frozen = asked.refit.frozen,
                    .drift = asked.refit.drift,
                    .days = asked.refit.days,
                    .psi = asked.drift_psi,
                    .inertia = asked.drift_inertia};
  if (followed != nullptr && followed->clustering.has_value() && CanFollow(*followed->clustering)) {
    settings.last = std::make_shared<const ClusteringModel>(*followed->clustering);
  }
  settings.kernels = kernels;
  return settings;
}

}  // namespace strata
