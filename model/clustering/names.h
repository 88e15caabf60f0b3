// Short names of clusters, from what sets them apart: "lapsed, big baskets". A name is given once, when the cluster's
// id appears, and stays with the id. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace strata {

struct ClusteringModel;  // model/clustering/cluster_model.h

// From half a deviation of the base on a difference is worth a word: the medium effect of Cohen (1988).
inline constexpr double kApartMin = 0.5;
inline constexpr size_t kApartMax = 3;  // a longer list tells nobody anything

struct SetsApart {
  size_t feature = 0;  // of the numeric ones, then of the categories
  double effect = 0;   // numeric: mean minus the base's, in the base's deviations; category: share minus base share
  std::string phrase;  // "lapsed", "low visits", "gender = F"
  bool operator==(const SetsApart&) const = default;
};

// The features with |effect| >= kApartMin, the greatest first (equal ones by the feature's order), at most kApartMax.
// Precondition: cluster < model.clusters.size().
std::vector<SetsApart> WhatSetsApart(const ClusteringModel& model, size_t cluster);

// The names that the clusters would get tonight, by place: two phrases joined with ", ", "typical" where nothing sets
// a cluster apart; of equal names each one gets its third phrase, and where that does not help its id.
std::vector<std::string> NamesNow(const ClusteringModel& model);

// Gives names to the clusters that have none; those that have one keep it, and no name is given twice.
void NameClusters(ClusteringModel* model);

}  // namespace strata
