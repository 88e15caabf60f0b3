// The fields of models/churn.json and churn_trees.json (data/snapshot/json_fields.h says how they are visited). Trees
// are lists by node, on one line: a night's are some 20,000 nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/snapshot/json_fields.h"
#include "model/churn/churn_names.h"

namespace strata {

template <typename V, Maybe<Baseline> M>
void VisitFields(V& visit, M& baseline) {
  visit("name", baseline.name);
  visit("auc", baseline.auc);
  visit("log_loss", baseline.log_loss);
  visit("average_precision", baseline.average_precision);
  visit("threshold", baseline.threshold);
}

template <typename V, Maybe<ChurnFeature> M>
void VisitFields(V& visit, M& feature) {
  visit("name", feature.name);
  visit("formula", feature.formula);
  visit("unit", feature.unit);
  visit("group", feature.group);
  visit("high_words", feature.high_words);
  visit("low_words", feature.low_words);
  visit.NamedField("source", feature.source, kChurnSources);
  visit.NamedField("type", feature.type, kChurnFeatureTypes);
  visit("column", feature.column);
  visit("scale", feature.scale);
  visit("logarithm", feature.logarithm);
  visit("monotone", feature.monotone);
}

template <typename V, Maybe<ChurnPlan> M>
void VisitFields(V& visit, M& plan) {
  visit("features", plan.features);
  visit("levels", plan.levels);
  visit("horizon_days", plan.horizon_days);
  visit("eligible_days", plan.eligible_days);
  visit("cutoffs", plan.cutoffs);
  visit.NamedField("question", plan.question, kChurnQuestions);
}

template <typename V, Maybe<LogisticColumn> M>
void VisitFields(V& visit, M& column) {
  visit("feature", column.feature);
  visit.NamedField("kind", column.kind, kLogisticColumnKinds);
  visit("level", column.level);
}

template <typename V, Maybe<Calibration> M>
void VisitFields(V& visit, M& calibration) {
  visit.NamedField("method", calibration.method, kCalibrationMethods);
  visit("slope", calibration.slope);
  visit("intercept", calibration.intercept);
  visit("places", calibration.places);
  visit("probabilities", calibration.probabilities);
  visit("platt_loss", calibration.platt_loss);
  visit("isotonic_loss", calibration.isotonic_loss);
  visit("rows", calibration.rows);
  visit("churned", calibration.churned);
}

template <typename V, Maybe<CalibrationBin> M>
void VisitFields(V& visit, M& bin) {
  visit("rows", bin.rows);
  visit("churned", bin.churned);
  visit("predicted", bin.predicted);
  visit("low", bin.low);
  visit("high", bin.high);
}

template <typename V, Maybe<LiftDecile> M>
void VisitFields(V& visit, M& decile) {
  visit("rows", decile.rows);
  visit("churned", decile.churned);
  visit("lift", decile.lift);
  visit("gain", decile.gain);
}

template <typename V, Maybe<SufficiencyLine> M>
void VisitFields(V& visit, M& line) {
  visit("rule", line.rule);
  visit("found", line.found);
  visit("needed", line.needed);
  visit("met", line.met);
  visit("consequence", line.consequence);
}

template <typename V, Maybe<ChurnDriver> M>
void VisitFields(V& visit, M& driver) {
  visit("feature", driver.feature);
  visit("group", driver.group);
  visit("gain", driver.gain);
  visit("contribution", driver.contribution);
  visit("single_auc", driver.single_auc);
  visit("missing", driver.missing);
}

template <typename V, Maybe<DependencePoint> M>
void VisitFields(V& visit, M& point) {
  visit("feature", point.feature);
  visit("from", point.from);
  visit("to", point.to);
  visit("level", point.level);
  visit("margin", point.margin);
  visit("probability", point.probability);
}

// `ensemble` has a file of its own.
template <typename V, Maybe<ChurnModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted", model.fitted);
  visit("reason", model.reason);
  visit.NamedField("algorithm", model.algorithm, kChurnAlgorithms);
  visit("horizon_days", model.horizon_days);
  visit("eligible_days", model.eligible_days);
  visit("features", model.features);
  visit("mean", model.mean);
  visit("deviation", model.deviation);
  visit("coefficients", model.coefficients);
  visit("intercept", model.intercept);
  visit("rows", model.rows);
  visit("churned", model.churned);
  visit("train_cutoff", model.train_cutoff);
  visit("test_cutoff", model.test_cutoff);
  visit("holdout_rows", model.holdout_rows);
  visit("holdout_churned", model.holdout_churned);
  visit("auc", model.auc);
  visit("log_loss", model.log_loss);
  visit("brier", model.brier);
  visit("calibration_error", model.calibration_error);
  visit("baselines", model.baselines);
  visit("best_baseline", model.best_baseline);
  visit("auc_gain", model.auc_gain);
  visit("auc_gain_low", model.auc_gain_low);
  visit("auc_gain_high", model.auc_gain_high);
  visit("grade", model.grade);
  visit("grade_reason", model.grade_reason);
  visit("average_precision", model.average_precision);
  visit("calibration_error_perfect", model.calibration_error_perfect);
  visit("temporal", model.temporal);
  visit("plan", model.plan);
  visit("columns", model.columns);
  visit("medians", model.medians);
  visit("calibration", model.calibration);
  visit("lifetime", model.lifetime);
  visit("time_unit_days", model.time_unit_days);
  visit("lifetime_t_max_days", model.lifetime_T_max_days);
  visit("lifetime_customers", model.lifetime_customers);
  visit("fitted_as_of", model.fitted_as_of);
  visit("cutoffs", model.cutoffs);
  visit.NamedField("reasons_for", model.reasons_for, kReasonsFor);
  visit("band_low", model.band_low);
  visit("band_high", model.band_high);
  visit("reliability", model.reliability);
  visit("lift", model.lift);
  visit("drivers", model.drivers);
  visit("dependence", model.dependence);
  visit("sufficiency", model.sufficiency);
  visit("warnings", model.warnings);
}

template <typename V, Maybe<FeatureBins> M>
void VisitFields(V& visit, M& bins) {
  visit("last_code", bins.last_code);
  visit("is_category", bins.is_category);
  visit("levels", bins.levels);
  visit("monotone", bins.monotone);
}

// A tree by node.
struct NodeLists {
  std::vector<int32_t> left, right;
  std::vector<uint16_t> feature;
  std::vector<uint8_t> last_bin;
  std::vector<uint8_t> missing_left;  // 0 or 1
  std::vector<uint64_t> mask;
  std::vector<int64_t> value, cover;
  std::vector<double> gain;
};

template <typename V, Maybe<NodeLists> M>
void VisitFields(V& visit, M& nodes) {
  visit("left", nodes.left);
  visit("right", nodes.right);
  visit("feature", nodes.feature);
  visit("last_bin", nodes.last_bin);
  visit("missing_left", nodes.missing_left);
  visit("mask", nodes.mask);
  visit("value", nodes.value);
  visit("cover", nodes.cover);
  visit("gain", nodes.gain);
}

struct EnsembleLists {
  std::vector<FeatureBins> bins;
  int64_t start = 0;
  int64_t rows = 0;
  std::vector<NodeLists> trees;

  static EnsembleLists Of(const Ensemble& ensemble);
  // DATA_LOSS (SNAPSHOT_CORRUPT) where these are no trees: lists of unequal length, a child that is none or comes
  // before its parent, a feature or bin that there is not, a node without rows, too many leaves.
  absl::StatusOr<Ensemble> Trees(const std::string& place) const;
};

template <typename V, Maybe<EnsembleLists> M>
void VisitFields(V& visit, M& lists) {
  visit("bins", lists.bins);
  visit("start", lists.start);
  visit("rows", lists.rows);
  visit("trees", lists.trees);
}

// Whether who scores with the model finds everything where it looks: DATA_LOSS (SNAPSHOT_CORRUPT).
absl::Status CheckChurnModel(const ChurnModel& model, const std::string& place);

}  // namespace strata
