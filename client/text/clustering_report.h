// Clusters in plain language: how many, why as many, what they are and how good. Pure functions; thread-safe.
#pragma once

#include <string>

#include "model/clustering/cluster_model.h"

namespace strata {

// A few sentences, warnings among them. Lines begin with `indent`.
std::string ClusteringBrief(const ClusteringModel& model, const std::string& indent);

// The clusters with what sets them apart, their centres, and every number of clusters that was tried; empty for a model
// that was not fitted.
std::string ClusteringTables(const ClusteringModel& model);

}  // namespace strata
