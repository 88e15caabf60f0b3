// Makes of a clustering model with random fields one that holds together (data/snapshot/cluster_check.h), leaving as
// much of it as may be random.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "model/clustering/cluster_model.h"

namespace strata {

inline void MakeFinite(double* value, double instead) {
  if (!std::isfinite(*value)) *value = instead;
}
inline void MakePositive(double* value) {
  MakeFinite(value, 0.25);
  *value = *value == 0 ? 3 : std::fabs(*value);
}

inline void MakeWhole(NumericFeature* feature) {
  for (double* value : {&feature->mean, &feature->weight, &feature->lambda, &feature->missing_value}) {
    MakeFinite(value, -1.5);
  }
  MakePositive(&feature->deviation);
  MakePositive(&feature->unit);
  if (feature->transform != Transform::kNone) feature->transform = Transform::kYeoJohnson;
  if (feature->winsor.has_value()) feature->winsor = {-0.5, 1e22};
  feature->bin_cuts = {-1, 0.1};
  feature->bin_counts.resize(3);
}

inline void MakeWhole(std::vector<std::vector<int64_t>>* levels, size_t categories) {
  levels->resize(categories);
  for (std::vector<int64_t>& of_words : *levels) {
    of_words.resize(3);
    for (int64_t& customers : of_words) customers &= std::numeric_limits<int64_t>::max();
  }
}

inline void MakeWhole(FittedCluster* cluster, size_t d, size_t categories) {
  cluster->centre.q.resize(d);
  for (int32_t& q : cluster->centre.q) q %= kGridEnd;
  cluster->centre.modes.resize(categories);
  for (uint8_t& mode : cluster->centre.modes) mode %= 3;
  cluster->sums.resize(d);
  MakeWhole(&cluster->customers_by_level, categories);
  MakeWhole(&cluster->levels, categories);
  cluster->effects.resize(d + categories);
  for (double& effect : cluster->effects) MakeFinite(&effect, -0.75);
}

inline void MakeWhole(ClusteringModel* model) {
  model->space.grid_bits = 9;
  MakePositive(&model->space.weight_unit);
  for (NumericFeature& feature : model->space.numeric) MakeWhole(&feature);
  for (CategoryFeature& category : model->space.categories) {
    category.words = {"(none)", "(other)", "\xc3\xa9t\xc3\xa9"};
    category.counts.resize(3);
  }
  model->k = static_cast<int>(model->clusters.size());
  model->last_id = model->k + 4;
  model->outliers = 5;
  model->customers = 5;
  model->trim = 20'000;
  model->gamma &= std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < model->clusters.size(); ++i) {
    FittedCluster& cluster = model->clusters[i];
    cluster.id = static_cast<int>(i) + 2;
    cluster.size = 10 + static_cast<int64_t>(i);
    model->customers += cluster.size;
    MakeWhole(&cluster, model->space.d(), model->space.categories.size());
  }
  for (double* value : {&model->fitted_mean_square, &model->inertia, &model->silhouette, &model->inertia_ratio}) {
    MakeFinite(value, 0.125);
  }
  for (size_t i = 0; i < model->trials.rows.size(); ++i) model->trials.rows[i].k = static_cast<int>(i) + 1;
  if (!model->matching.has_value()) return;
  model->matching->id.resize(model->clusters.size());
  model->matching->overlap.resize(model->clusters.size());
  model->matching->shift.resize(model->clusters.size());
  MakeFinite(&model->matching->adjusted_rand, 1);
}

}  // namespace strata
