// Bases with planted clusters, and the best that anybody can do on them: the classifier of the very model that made
// them. Clusters are spherical normals; features correlate over the base because the centres lie so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"

namespace strata {

inline constexpr int kPlantedWords = 4;

struct PlantedCase {
  std::string name;
  size_t clusters = 5;
  size_t d = 3;
  size_t categories = 0;        // of kPlantedWords words each, one of which every cluster prefers
  std::vector<double> shares;   // by cluster; empty: equal
  std::optional<double> gamma;  // price of a word that is not a cluster's; nullopt: estimated
  double separation = 0;        // the least distance of two centres; 0: so that the classifier is 0.98 right
  double correlation_max = 0;   // of features over the base, drawn between 0 and this
  double outliers = 0;          // share of the customers that are far from everything
  uint64_t right_min = 19;      // of 20 seeds
  size_t customers = 3000;      // without the outliers
};

struct PlantedBase {
  std::vector<std::vector<double>> numeric;  // by feature
  std::vector<std::vector<uint8_t>> codes;   // by category
  std::vector<int> truth;                    // by customer; -1: an outlier
  double best_possible = 0;                  // adjusted Rand index of the model's own classifier, without outliers
  size_t size() const { return truth.size(); }
};

PlantedBase MakePlanted(const PlantedCase& of, uint64_t seed);

// One normal: spherical, or with the correlation of every pair of features; or its exponential.
struct BlobCase {
  std::string name;
  size_t d = 3;
  double correlation = 0;
  bool log_normal = false;
  uint64_t right_min = 19;  // of 20 seeds
  size_t customers = 3000;
};
PlantedBase MakeBlob(const BlobCase& of, uint64_t seed);

}  // namespace strata
