#include "client/json/clustering_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clustering_rules.h"
#include "client/json/score_json.h"
#include "model/clustering/names.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMillion = 1e6;  // shares are millionths

Json OrNull(const std::optional<double>& value) { return value.has_value() ? NumberOrNull(*value) : Json(nullptr); }

Json ScalingJson(const NumericFeature& feature) {
  const int64_t customers = feature.present + feature.absent;
  return {{"feature", feature.name},
          {"column", feature.column},
          {"transform", Name(feature.transform)},
          {"lambda", feature.transform == Transform::kYeoJohnson ? Json(feature.lambda) : Json(nullptr)},
          {"unit", feature.unit},
          {"winsorise", feature.winsor.has_value() ? Json(*feature.winsor) : Json(nullptr)},
          {"scale", Name(feature.scale)},
          {"mean", feature.mean},
          {"deviation", feature.deviation},
          {"weight", feature.weight},
          {"missing", Name(feature.missing)},
          {"missing_value", feature.missing_value},
          {"missing_share",
           customers > 0 ? Json(static_cast<double>(feature.absent) / static_cast<double>(customers)) : Json(nullptr)},
          {"constant", feature.constant}};
}

Json TrialJson(const GapRow& row, bool chosen) {
  return {{"k", row.k},
          {"within", NumberOrNull(row.within)},
          {"gap", OrNull(row.gap)},
          {"gap_error", OrNull(row.error)},
          {"silhouette", OrNull(row.silhouette)},
          {"calinski_harabasz", OrNull(row.calinski_harabasz)},
          {"davies_bouldin", OrNull(row.davies_bouldin)},
          {"stability", OrNull(row.stability)},
          {"iterations", row.iterations},
          {"chosen", chosen}};
}

Json ClusterJson(const ClusteringModel& model, size_t place, Int128 net_of_all) {
  const FittedCluster& cluster = model.clusters[place];
  const ClusterSpace& space = model.space;
  Json apart = Json::array();
  for (const SetsApart& trait : WhatSetsApart(model, place)) {
    const size_t numbers = space.numeric.size();
    apart.push_back({{"feature", trait.feature < numbers ? space.numeric[trait.feature].name
                                                         : space.categories[trait.feature - numbers].name},
                     {"effect", trait.effect},
                     {"phrase", trait.phrase}});
  }
  Json modes = Json::object();
  for (size_t c = 0; c < space.categories.size() && c < cluster.centre.modes.size(); ++c) {
    const std::vector<std::string>& words = space.categories[c].words;
    const uint8_t mode = cluster.centre.modes[c];
    modes[space.categories[c].name] = mode < words.size() ? Json(words[mode]) : Json(nullptr);
  }
  const int64_t clustered = model.customers - model.outliers;
  return {
      {"id", cluster.id},
      {"name", cluster.name},
      {"size", cluster.size},
      {"share",
       clustered > 0 ? Json(static_cast<double>(cluster.size) / static_cast<double>(clustered)) : Json(nullptr)},
      {"share_revenue", net_of_all > 0 ? Json(static_cast<double>(cluster.net_micros) / static_cast<double>(net_of_all))
                                       : Json(nullptr)},
      {"apart", std::move(apart)},
      {"modes", std::move(modes)}};
}

}  // namespace

Json ClusteringJson(const ClusteringModel& model) {
  const bool fitted = model.k > 0;
  Json features = Json::array(), scaling = Json::array(), categories = Json::array();
  for (const NumericFeature& feature : model.space.numeric) {
    features.push_back(feature.name);
    scaling.push_back(ScalingJson(feature));
  }
  for (const CategoryFeature& feature : model.space.categories) {
    categories.push_back({{"feature", feature.name}, {"column", feature.column}, {"words", feature.words}});
  }
  Json centroids = Json::array(), sizes = Json::array(), clusters = Json::array(), trials = Json::array();
  Int128 net_of_all = 0;
  for (const FittedCluster& cluster : model.clusters) net_of_all += cluster.net_micros;
  for (size_t c = 0; c < model.clusters.size(); ++c) {
    std::vector<double> centroid;
    for (const int32_t q : model.clusters[c].centre.q) centroid.push_back(std::ldexp(q, -model.space.grid_bits));
    centroids.push_back(std::move(centroid));
    sizes.push_back(model.clusters[c].size);
    clusters.push_back(ClusterJson(model, c, net_of_all));
  }
  for (const GapRow& row : model.trials.rows) trials.push_back(TrialJson(row, fitted && row.k == model.k));
  return {{"k", fitted ? Json(model.k) : Json(nullptr)},
          {"reason", model.reason.empty() ? Json(nullptr) : Json(model.reason)},
          {"structure", fitted ? Json(model.structure) : Json(nullptr)},
          {"fitted_as_of", fitted ? Json(FormatDay(model.fitted_as_of)) : Json(nullptr)},
          {"refit", fitted ? Json{{"refit", model.refit.refit}, {"why", model.refit.why}} : Json(nullptr)},
          {"inertia", fitted ? NumberOrNull(model.inertia) : Json(nullptr)},
          {"silhouette", fitted ? NumberOrNull(model.silhouette) : Json(nullptr)},
          {"calinski_harabasz", OrNull(model.calinski_harabasz)},
          {"davies_bouldin", OrNull(model.davies_bouldin)},
          {"iterations", model.iterations},
          {"converged", model.converged},
          {"features", std::move(features)},
          {"scaling", std::move(scaling)},
          {"categories", std::move(categories)},
          {"gamma", std::ldexp(static_cast<double>(model.gamma), -2 * model.space.grid_bits)},
          {"grid_bits", model.space.grid_bits},
          {"trim", static_cast<double>(model.trim) / kMillion},
          {"outliers", model.outliers},
          {"clusters", std::move(clusters)},
          {"centroids", std::move(centroids)},
          {"sizes", std::move(sizes)},
          {"trials", std::move(trials)},
          {"warnings", model.warnings}};
}

}  // namespace strata
