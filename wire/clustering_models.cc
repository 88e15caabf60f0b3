#include "wire/clustering_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clustering_rules.h"
#include "model/clustering/names.h"
#include "strata/v1/clustering_model.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr double kMillion = 1e6;    // shares are millionths
constexpr int kGridBitsLimit = 30;  // a scaled value is exact on the wire up to here, and no model has more

const std::string& FeatureName(const ClusterSpace& space, size_t feature) {
  const size_t numbers = space.numeric.size();
  return feature < numbers ? space.numeric[feature].name : space.categories[feature - numbers].name;
}

void FillFeature(const NumericFeature& feature, v1::ClusterFeature* message) {
  message->set_name(EscapeNonUtf8(feature.name));
  message->set_column(EscapeNonUtf8(feature.column));
  message->set_transform(std::string(Name(feature.transform)));
  message->set_scale(std::string(Name(feature.scale)));
  if (feature.transform == Transform::kYeoJohnson) message->set_lambda(feature.lambda);
  message->set_mean(feature.mean);
  message->set_deviation(feature.deviation);
  message->set_weight(feature.weight);
  message->set_missing_rule(std::string(Name(feature.missing)));
  message->set_customers(feature.present + feature.absent);
  message->set_missing(feature.absent);
  if (message->customers() > 0) {
    message->set_missing_share(static_cast<double>(feature.absent) / static_cast<double>(message->customers()));
  }
  message->set_constant(feature.constant);
  message->set_unit(feature.unit);
  message->set_missing_value(feature.missing_value);
  if (!feature.winsor.has_value()) return;
  for (const double end : *feature.winsor) message->add_winsorise(end);
}

void FillFeature(const CategoryFeature& feature, v1::ClusterFeature* message) {
  message->set_name(EscapeNonUtf8(feature.name));
  message->set_column(EscapeNonUtf8(feature.column));
  message->set_transform(std::string(Name(Transform::kCategory)));
  for (const std::string& word : feature.words) message->add_words(EscapeNonUtf8(word));
}

void FillTrial(const GapRow& row, bool chosen, v1::ClusteringModel::Trial* message) {
  message->set_k(row.k);
  if (row.silhouette.has_value()) message->set_silhouette(*row.silhouette);
  message->set_within(row.within);
  if (row.gap.has_value()) message->set_gap(*row.gap);
  if (row.error.has_value()) message->set_gap_error(*row.error);
  if (row.calinski_harabasz.has_value()) message->set_calinski_harabasz(*row.calinski_harabasz);
  if (row.davies_bouldin.has_value()) message->set_davies_bouldin(*row.davies_bouldin);
  if (row.stability.has_value()) message->set_stability(*row.stability);
  message->set_iterations(row.iterations);
  message->set_chosen(chosen);
}

void FillCluster(const ClusteringModel& model, size_t place, Int128 net_of_all, v1::Cluster* message) {
  const FittedCluster& cluster = model.clusters[place];
  const ClusterSpace& space = model.space;
  message->set_id(cluster.id);
  message->set_name(EscapeNonUtf8(cluster.name));
  message->set_size(cluster.size);
  const int64_t clustered = model.customers - model.outliers;
  if (clustered > 0) message->set_share(static_cast<double>(cluster.size) / static_cast<double>(clustered));
  if (net_of_all > 0) {
    message->set_share_revenue(static_cast<double>(cluster.net_micros) / static_cast<double>(net_of_all));
  }
  message->set_sum_net_micros(ToString(cluster.net_micros));
  for (size_t c = 0; c < space.categories.size() && c < cluster.centre.modes.size(); ++c) {
    const std::vector<std::string>& words = space.categories[c].words;
    const uint8_t mode = cluster.centre.modes[c];
    message->add_modes(mode < words.size() ? EscapeNonUtf8(words[mode]) : "");
  }
  for (const SetsApart& apart : WhatSetsApart(model, place)) {
    v1::Cluster::Trait* trait = message->add_apart();
    trait->set_feature(EscapeNonUtf8(FeatureName(space, apart.feature)));
    trait->set_effect(apart.effect);
    if (apart.feature >= space.numeric.size()) {
      trait->set_word(message->modes(static_cast<int>(apart.feature - space.numeric.size())));
    }
  }
}

template <typename E, size_t N>
absl::Status ReadName(const std::string& text, const std::array<std::string_view, N>& names, std::string_view field,
                      E* value) {
  const auto* const found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return AnswerInvalid(field, fmt::format("'{}' is not known to this program", text));
  *value = static_cast<E>(found - names.begin());
  return absl::OkStatus();
}

// What feature_details says of the numbers and categories; servers of before do not send it.
absl::Status ReadDetails(const v1::ClusteringModel& message, ClusterSpace* space) {
  for (int i = 0; i < message.feature_details_size(); ++i) {
    const v1::ClusterFeature& from = message.feature_details(i);
    if (std::cmp_greater_equal(i, space->numeric.size())) {
      CategoryFeature& feature = space->categories.emplace_back();
      feature.name = from.name();
      feature.column = from.column();
      feature.words.assign(from.words().begin(), from.words().end());
      continue;
    }
    NumericFeature& feature = space->numeric[static_cast<size_t>(i)];
    feature.column = from.column();
    feature.weight = from.weight();
    if (from.has_lambda()) feature.lambda = from.lambda();
    feature.absent = from.missing();
    feature.present = from.customers() - from.missing();
    feature.constant = from.constant();
    if (from.unit() > 0) feature.unit = from.unit();
    feature.missing_value = from.missing_value();
    if (from.winsorise_size() == 2) feature.winsor = {from.winsorise(0), from.winsorise(1)};
    STRATA_RETURN_IF_ERROR(
        ReadName(from.transform(), kTransformNames, "clustering.feature_details.transform", &feature.transform));
    STRATA_RETURN_IF_ERROR(ReadName(from.scale(), kScaleNames, "clustering.feature_details.scale", &feature.scale));
    STRATA_RETURN_IF_ERROR(
        ReadName(from.missing_rule(), kMissingRuleNames, "clustering.feature_details.missing_rule", &feature.missing));
  }
  if (!message.feature_details().empty() && std::cmp_less(message.feature_details_size(), space->numeric.size())) {
    return AnswerInvalid("clustering.feature_details", "not one for each feature");
  }
  return absl::OkStatus();
}

absl::Status ReadSpace(const v1::ClusteringModel& message, ClusterSpace* space) {
  if (message.mean_size() != message.features_size() || message.deviation_size() != message.features_size()) {
    return AnswerInvalid("clustering.features", "not one mean and deviation per feature");
  }
  for (int i = 0; i < message.features_size(); ++i) {
    NumericFeature& feature = space->numeric.emplace_back();
    feature.name = message.features(i);
    feature.mean = message.mean(i);
    feature.deviation = message.deviation(i);
  }
  if (message.grid_bits() < 0 || message.grid_bits() > kGridBitsLimit) {
    return AnswerInvalid("clustering.grid_bits", fmt::format("{}", message.grid_bits()));
  }
  if (message.grid_bits() > 0) space->grid_bits = message.grid_bits();
  return ReadDetails(message, space);
}

absl::Status ReadCentre(const v1::ClusteringModel::Centroid& message, const ClusterSpace& space, Centre* centre) {
  if (std::cmp_not_equal(message.values_size(), space.numeric.size())) {
    return AnswerInvalid("clustering.centroids", "a centroid has not one value per feature");
  }
  for (const double value : message.values()) {
    const double grid = std::ldexp(value, space.grid_bits);
    if (!(std::abs(grid) <= static_cast<double>(std::numeric_limits<int32_t>::max()))) {
      return AnswerInvalid("clustering.centroids", fmt::format("{} is no scaled value", value));
    }
    centre->q.push_back(static_cast<int32_t>(std::lround(grid)));
  }
  return absl::OkStatus();
}

absl::Status ReadTrait(const v1::Cluster::Trait& trait, const ClusterSpace& space, FittedCluster* cluster) {
  const size_t features = space.numeric.size() + space.categories.size();
  cluster->effects.resize(features);
  for (size_t feature = 0; feature < features; ++feature) {
    if (FeatureName(space, feature) != trait.feature()) continue;
    cluster->effects[feature] = trait.effect();
    return absl::OkStatus();
  }
  return AnswerInvalid("clustering.clusters.apart", fmt::format("'{}' is no feature", trait.feature()));
}

absl::Status ReadCluster(const v1::Cluster& message, const ClusterSpace& space, FittedCluster* cluster) {
  if (message.id() < 1 || message.id() > std::numeric_limits<int16_t>::max()) {
    return AnswerInvalid("clustering.clusters.id", fmt::format("{}", message.id()));
  }
  cluster->id = message.id();
  cluster->name = message.name();
  cluster->size = message.size();
  const std::optional<Int128> net = ParseInt128(message.sum_net_micros());
  if (!net.has_value()) return AnswerInvalid("clustering.clusters.sum_net_micros", "is no whole number");
  cluster->net_micros = *net;
  if (std::cmp_not_equal(message.modes_size(), space.categories.size())) {
    return AnswerInvalid("clustering.clusters.modes", "not one word per category");
  }
  for (size_t c = 0; c < space.categories.size(); ++c) {
    const std::vector<std::string>& words = space.categories[c].words;
    const auto found = std::find(words.begin(), words.end(), message.modes(static_cast<int>(c)));
    if (found == words.end() || words.size() > kMaxLevels) {
      return AnswerInvalid("clustering.clusters.modes", "a word that its category does not have");
    }
    cluster->centre.modes.push_back(static_cast<uint8_t>(found - words.begin()));
  }
  cluster->effects.assign(space.numeric.size() + space.categories.size(), 0);
  for (const v1::Cluster::Trait& trait : message.apart()) STRATA_RETURN_IF_ERROR(ReadTrait(trait, space, cluster));
  return absl::OkStatus();
}

absl::Status ReadClusters(const v1::ClusteringModel& message, ClusteringModel* model) {
  if (message.centroids_size() != message.k() || message.sizes_size() != message.k()) {
    return AnswerInvalid("clustering.k", fmt::format("{} clusters, {} centroids, {} sizes", message.k(),
                                                     message.centroids_size(), message.sizes_size()));
  }
  const bool has_details = !message.clusters().empty();
  if (has_details && message.clusters_size() != message.k()) {
    return AnswerInvalid("clustering.clusters", fmt::format("{} for k = {}", message.clusters_size(), message.k()));
  }
  for (int c = 0; c < message.k(); ++c) {
    FittedCluster& cluster = model->clusters.emplace_back();
    cluster.id = c + 1;
    cluster.size = message.sizes(c);
    STRATA_RETURN_IF_ERROR(ReadCentre(message.centroids(c), model->space, &cluster.centre));
    if (has_details) STRATA_RETURN_IF_ERROR(ReadCluster(message.clusters(c), model->space, &cluster));
    model->customers += cluster.size;
  }
  return absl::OkStatus();
}

void ReadTrials(const v1::ClusteringModel& message, GapChoice* trials) {
  for (const v1::ClusteringModel::Trial& trial : message.trials()) {
    GapRow& row = trials->rows.emplace_back();
    row.k = trial.k();
    row.within = trial.within();
    if (trial.has_silhouette()) row.silhouette = trial.silhouette();
    if (trial.has_gap()) row.gap = trial.gap();
    if (trial.has_gap_error()) row.error = trial.gap_error();
    if (trial.has_calinski_harabasz()) row.calinski_harabasz = trial.calinski_harabasz();
    if (trial.has_davies_bouldin()) row.davies_bouldin = trial.davies_bouldin();
    if (trial.has_stability()) row.stability = trial.stability();
    row.iterations = trial.iterations();
    if (trial.chosen()) trials->k = trial.k();
  }
  trials->structure = trials->k > 1;
}

}  // namespace

void FillClustering(const ClusteringModel& model, v1::ClusteringModel* message) {
  message->set_k(model.k);
  message->set_reason(EscapeNonUtf8(model.reason));
  message->set_structure(model.structure);
  if (model.k > 0) FillDate(model.fitted_as_of, message->mutable_fitted_as_of());
  message->set_grid_bits(model.space.grid_bits);
  for (const NumericFeature& feature : model.space.numeric) {
    message->add_features(EscapeNonUtf8(feature.name));
    message->add_mean(feature.mean);
    message->add_deviation(feature.deviation);
    FillFeature(feature, message->add_feature_details());
  }
  for (const CategoryFeature& feature : model.space.categories) FillFeature(feature, message->add_feature_details());
  Int128 net_of_all = 0;
  for (const FittedCluster& cluster : model.clusters) net_of_all += cluster.net_micros;
  for (size_t c = 0; c < model.clusters.size(); ++c) {
    v1::ClusteringModel::Centroid* centroid = message->add_centroids();
    for (const int32_t q : model.clusters[c].centre.q) centroid->add_values(std::ldexp(q, -model.space.grid_bits));
    message->add_sizes(model.clusters[c].size);
    FillCluster(model, c, net_of_all, message->add_clusters());
  }
  message->set_trim_share(static_cast<double>(model.trim) / kMillion);
  message->set_outliers(model.outliers);
  message->set_gamma(std::ldexp(static_cast<double>(model.gamma), -2 * model.space.grid_bits));
  message->set_inertia(model.inertia);
  message->set_silhouette(model.silhouette);
  if (model.calinski_harabasz.has_value()) message->set_calinski_harabasz(*model.calinski_harabasz);
  if (model.davies_bouldin.has_value()) message->set_davies_bouldin(*model.davies_bouldin);
  message->set_iterations(model.iterations);
  message->set_converged(model.converged);
  for (const GapRow& row : model.trials.rows) FillTrial(row, row.k == model.trials.k, message->add_trials());
  if (model.k > 0) {
    message->mutable_refit()->set_refit(model.refit.refit);
    message->mutable_refit()->set_why(EscapeNonUtf8(model.refit.why));
  }
  for (const std::string& warning : model.warnings) message->add_warnings(EscapeNonUtf8(warning));
}

absl::StatusOr<ClusteringModel> ReadClustering(const v1::ClusteringModel& message) {
  ClusteringModel model;
  model.k = message.k();
  model.reason = message.reason();
  if (message.has_fitted_as_of()) {
    const auto day = ReadDate(message.fitted_as_of(), "clustering.fitted_as_of");
    if (!day.ok()) return AnswerInvalid("clustering.fitted_as_of", StdView(day.status().message()));
    model.fitted_as_of = *day;
    model.structure = message.structure();
  }
  STRATA_RETURN_IF_ERROR(ReadSpace(message, &model.space));
  STRATA_RETURN_IF_ERROR(ReadClusters(message, &model));
  model.outliers = message.outliers();
  model.customers += model.outliers;
  model.trim = std::llround(message.trim_share() * kMillion);
  model.gamma = std::llround(std::ldexp(message.gamma(), 2 * model.space.grid_bits));
  model.inertia = message.inertia();
  model.silhouette = message.silhouette();
  if (message.has_calinski_harabasz()) model.calinski_harabasz = message.calinski_harabasz();
  if (message.has_davies_bouldin()) model.davies_bouldin = message.davies_bouldin();
  model.iterations = message.iterations();
  model.converged = message.converged();
  ReadTrials(message, &model.trials);
  model.refit = {.refit = message.refit().refit(), .why = message.refit().why()};
  model.warnings.assign(message.warnings().begin(), message.warnings().end());
  return model;
}

}  // namespace strata
