// The fields of models/clustering.json (data/snapshot/json_fields.h says how they are visited).
#pragma once

#include "data/snapshot/json_fields.h"
#include "model/clustering/cluster_model.h"

namespace strata {

template <typename V, Maybe<NumericFeature> M>
void VisitFields(V& visit, M& feature) {
  visit("name", feature.name);
  visit("column", feature.column);
  visit.NamedField("transform", feature.transform, kTransformNames);
  visit("winsorise", feature.winsor_shares);
  visit("winsor", feature.winsor);
  visit("lambda", feature.lambda);
  visit("unit", feature.unit);
  visit.NamedField("scale", feature.scale, kScaleNames);
  visit("mean", feature.mean);
  visit("deviation", feature.deviation);
  visit("weight", feature.weight);
  visit.NamedField("missing", feature.missing, kMissingRuleNames);
  visit("missing_value", feature.missing_value);
  visit("constant", feature.constant);
  visit("present", feature.present);
  visit("absent", feature.absent);
  visit("bin_cuts", feature.bin_cuts);
  visit("bin_counts", feature.bin_counts);
}

template <typename V, Maybe<CategoryFeature> M>
void VisitFields(V& visit, M& feature) {
  visit("name", feature.name);
  visit("column", feature.column);
  visit("words", feature.words);
  visit("counts", feature.counts);
}

template <typename V, Maybe<ClusterSpace> M>
void VisitFields(V& visit, M& space) {
  visit("grid_bits", space.grid_bits);
  visit("features", space.numeric);
  visit("categories", space.categories);
  visit("weight_column", space.weight_column);
  visit("weight_unit", space.weight_unit);
}

template <typename V, Maybe<Centre> M>
void VisitFields(V& visit, M& centre) {
  visit("q", centre.q);
  visit("modes", centre.modes);
}

template <typename V, Maybe<FittedCluster> M>
void VisitFields(V& visit, M& cluster) {
  visit("id", cluster.id);
  visit("name", cluster.name);
  visit("size", cluster.size);
  visit("centre", cluster.centre);
  visit("sums", cluster.sums);
  visit("squares", cluster.squares);
  visit("customers_by_level", cluster.customers_by_level);
  visit("levels", cluster.levels);
  visit("effects", cluster.effects);
  visit("net_micros", cluster.net_micros);
}

template <typename V, Maybe<TrimThreshold> M>
void VisitFields(V& visit, M& threshold) {
  visit("distance", threshold.distance);
  visit.HexField("hash", threshold.hash);
}

template <typename V, Maybe<GapRow> M>
void VisitFields(V& visit, M& row) {
  visit("k", row.k);
  visit("within", row.within);
  visit("gap", row.gap);
  visit("error", row.error);
  visit("silhouette", row.silhouette);
  visit("calinski_harabasz", row.calinski_harabasz);
  visit("davies_bouldin", row.davies_bouldin);
  visit("stability", row.stability);
  visit("iterations", row.iterations);
}

template <typename V, Maybe<GapChoice> M>
void VisitFields(V& visit, M& choice) {
  visit("rows", choice.rows);
  visit("k", choice.k);
  visit("structure", choice.structure);
  visit("reason", choice.reason);
  visit("points", choice.points);
  visit("references", choice.references);
}

template <typename V, Maybe<RefitDecision> M>
void VisitFields(V& visit, M& decision) {
  visit("refit", decision.refit);
  visit("why", decision.why);
}

template <typename V, Maybe<FeatureDrift> M>
void VisitFields(V& visit, M& drift) {
  visit("feature", drift.feature);
  visit("psi", drift.psi);
  visit("null_99", drift.null_99);
  visit("flagged", drift.flagged);
  visit("missing_then", drift.missing_then);
  visit("missing_now", drift.missing_now);
  visit("beyond_grid", drift.beyond_grid);
}

template <typename V, Maybe<Matching> M>
void VisitFields(V& visit, M& matching) {
  visit("id", matching.id);
  visit("appeared", matching.appeared);
  visit("vanished", matching.vanished);
  visit("last_id", matching.last_id);
  visit("common", matching.common);
  visit("adjusted_rand", matching.adjusted_rand);
  visit("by_centres", matching.by_centres);
  visit("overlap", matching.overlap);
  visit("shift", matching.shift);
}

template <typename V, Maybe<ClusteringModel> M>
void VisitFields(V& visit, M& model) {
  visit("k", model.k);
  visit("reason", model.reason);
  visit("structure", model.structure);
  visit("fitted_as_of", model.fitted_as_of);
  visit("space", model.space);
  visit("gamma", model.gamma);
  visit("clusters", model.clusters);
  visit("last_id", model.last_id);
  visit("customers", model.customers);
  visit("trim", model.trim);
  visit("outliers", model.outliers);
  visit("threshold", model.threshold);
  visit("fitted_mean_square", model.fitted_mean_square);
  visit("inertia", model.inertia);
  visit("within", model.within);
  visit("silhouette", model.silhouette);
  visit("calinski_harabasz", model.calinski_harabasz);
  visit("davies_bouldin", model.davies_bouldin);
  visit("iterations", model.iterations);
  visit("converged", model.converged);
  visit("trials", model.trials);
  visit("refit", model.refit);
  visit("drift", model.drift);
  visit("inertia_ratio", model.inertia_ratio);
  visit("matching", model.matching);
  visit.HexField("settings_checksum", model.settings_checksum);
  visit("warnings", model.warnings);
}

}  // namespace strata
