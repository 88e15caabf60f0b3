// The fields of models/lifetime.json, lifetime_history.json and spend.json (data/snapshot/json_fields.h says how they
// are visited). Where a fit lies at an end, scores use parameters that stand for infinity: they are in `parameters`
// alone, which is for machines; what people are told is in `estimates` and `determined`, where they are absent.
#pragma once

#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "data/snapshot/json_fields.h"

namespace strata {

inline constexpr std::array<std::string_view, 5> kMaximiserStates = {"running", "converged", "ridge", "stalled",
                                                                     "out_of_iterations"};
// By number; there is no 0.
inline constexpr std::array<std::string_view, 5> kTraitCodings = {"", "number", "level", "other", "missing"};
inline constexpr std::array<std::string_view, 4> kCovariateOns = {"", "rate", "dropout", "strength"};

template <typename V, Maybe<ParameterEstimate> M>
void VisitFields(V& visit, M& parameter) {
  visit("name", parameter.name);
  visit("estimate", parameter.estimate);
  visit("standard_error", parameter.standard_error);
  visit("low", parameter.low);
  visit("high", parameter.high);
  visit("by", parameter.by);
  visit("words", parameter.words);
}

template <typename V, Maybe<LifetimeParameters> M>
void VisitFields(V& visit, M& parameters) {
  visit("model", parameters.kind);
  visit("k", parameters.k);
  visit("value", parameters.value);
}

template <typename V, Maybe<LifetimeFit> M>
void VisitFields(V& visit, M& fit) {
  visit("fitted", fit.fitted);
  visit("reason", fit.reason);
  visit("asked", fit.asked);
  visit("parameters", fit.parameters);
  visit("estimates", fit.estimates);
  visit("determined", fit.determined);
  visit("covariance", fit.covariance);
  visit("log_likelihood", fit.log_likelihood);
  visit("log_posterior", fit.log_posterior);
  visit("customers", fit.customers);
  visit("unique_rows", fit.unique_rows);
  visit("identified", fit.identified);
  visit("boundary", fit.boundary);
  visit("warnings", fit.warnings);
  visit.NamedField("state", fit.state, kMaximiserStates);
  visit("evaluations", fit.evaluations);
  visit("gradient_norm", fit.gradient_norm);
  visit("condition", fit.condition);
  visit("smallest_eigenvalue", fit.smallest_eigenvalue);
}

template <typename V, Maybe<CovariateSource> M>
void VisitFields(V& visit, M& source) {
  visit("column", source.column);
  visit("is_category", source.is_category);
  visit("has_missing", source.has_missing);
  visit("unit", source.unit);
  visit("centre", source.centre);
  visit("deviation", source.deviation);
  visit("told_per", source.told_per);
  visit("reference", source.reference);
  visit("levels", source.levels);
  visit("has_other", source.has_other);
}

template <typename V, Maybe<CovariateTrait> M>
void VisitFields(V& visit, M& trait) {
  visit("source", trait.source);
  visit.NamedField("coding", trait.coding, kTraitCodings);
  visit("level", trait.level);
}

template <typename V, Maybe<CovariateEffects> M>
void VisitFields(V& visit, M& effects) {
  visit("rate", effects.rate);
  visit("dropout", effects.dropout);
  visit("strength", effects.strength);
  visit("common_factor", effects.common_factor);
}

template <typename V, Maybe<CovariateFit> M>
void VisitFields(V& visit, M& fit) {
  visit("fitted", fit.fitted);
  visit("reason", fit.reason);
  visit("base", fit.base);
  visit("rate", fit.rate);
  visit("dropout", fit.dropout);
  visit("strength", fit.strength);
  visit("estimates", fit.estimates);
  visit("covariance", fit.covariance);
  visit("kept", fit.kept);
  visit("warnings", fit.warnings);
  visit("log_likelihood", fit.log_likelihood);
  visit.NamedField("state", fit.state, kMaximiserStates);
  visit("evaluations", fit.evaluations);
  visit("gradient_norm", fit.gradient_norm);
}

template <typename V, Maybe<CovariateCoefficient> M>
void VisitFields(V& visit, M& coefficient) {
  visit("trait", coefficient.trait);
  visit.NamedField("on", coefficient.on, kCovariateOns);
  visit("told_per", coefficient.told_per);
  visit("told", coefficient.told);
}

template <typename V, Maybe<CovariateSettings> M>
void VisitFields(V& visit, M& asked) {
  visit("rate", asked.rate);
  visit("dropout", asked.dropout);
  visit("strength", asked.strength);
  visit("common_factor", asked.common_factor);
  visit("reference", asked.reference);
  visit("told_per", asked.told_per);
  visit("prior_deviation", asked.prior_deviation);
}

template <typename V, Maybe<CovariateModel> M>
void VisitFields(V& visit, M& model) {
  visit("asked", model.asked);
  visit("sources", model.sources);
  visit("traits", model.traits);
  visit("effects", model.effects);
  visit("fit", model.fit);
  visit("coefficients", model.coefficients);
}

template <typename V, Maybe<MarginFactor> M>
void VisitFields(V& visit, M& margin) {
  visit("asked", margin.asked);
  visit("factor", margin.factor);
  visit("margin_micros", margin.margin_micros);
  visit("net_micros", margin.net_micros);
  visit("customers", margin.customers);
  visit("basis", margin.basis);
  visit("reason", margin.reason);
}

template <typename V, Maybe<CandidateLine> M>
void VisitFields(V& visit, M& line) {
  visit("model", line.kind);
  visit("k", line.k);
  visit("takes_part", line.takes_part);
  visit("log_likelihood", line.log_likelihood);
  visit("log_probability", line.log_probability);
  visit("gain", line.gain);
  visit("gain_error", line.gain_error);
  visit("bias", line.bias);
  visit("chosen", line.chosen);
  visit("words", line.words);
}

template <typename V, Maybe<FrequencyBin> M>
void VisitFields(V& visit, M& bin) {
  visit("repeat_purchases", bin.repeat_purchases);
  visit("customers", bin.customers);
  visit("actual", bin.actual);
  visit("expected", bin.expected);
  visit("expected_nbd", bin.expected_nbd);
}

template <typename V, Maybe<ReliabilityBin> M>
void VisitFields(V& visit, M& bin) {
  visit("customers", bin.customers);
  visit("predicted", bin.predicted);
  visit("actual", bin.actual);
}

template <typename V, Maybe<PredictionErrors> M>
void VisitFields(V& visit, M& errors) {
  visit("name", errors.name);
  visit("mae", errors.mae);
  visit("rmse", errors.rmse);
  visit("bias", errors.bias);
  visit("log_probability", errors.log_probability);
}

template <typename V, Maybe<HoldoutSpend> M>
void VisitFields(V& visit, M& spend) {
  visit("fitted", spend.fitted);
  visit("p", spend.p);
  visit("q", spend.q);
  visit("v", spend.v);
  visit("population_mean", spend.population_mean);
}

template <typename V, Maybe<HoldoutJudgement> M>
void VisitFields(V& visit, M& judgement) {
  visit("as_of", judgement.as_of);
  visit("days", judgement.days);
  visit("reason", judgement.reason);
  visit("parameters", judgement.parameters);
  visit("spend", judgement.spend);
  visit("customers", judgement.customers);
  visit("actual", judgement.actual);
  visit("expected", judgement.expected);
  visit("errors", judgement.errors);
  visit("bins", judgement.bins);
  visit("reliability", judgement.reliability);
  visit("interval_level", judgement.interval_level);
  visit("interval_mass", judgement.interval_mass);
  visit("covered", judgement.covered);
  visit("grade", judgement.grade);
  visit("grade_reason", judgement.grade_reason);
}

// `history` has a file of its own.
template <typename V, Maybe<LifetimeModel> M>
void VisitFields(V& visit, M& model) {
  visit("time_unit_days", model.time_unit_days);
  visit("horizon_periods", model.horizon_periods);
  visit("fit", model.fit);
  visit("covariates", model.covariates);
  visit("bootstrap", model.bootstrap);
  visit("bootstrap_asked", model.bootstrap_asked);
  visit("fitted_as_of", model.fitted_as_of);
  visit("chosen_as_of", model.chosen_as_of);
  visit("refit", model.refit);
  visit("refit_reason", model.refit_reason);
  visit("t_max_days", model.T_max_days);
  visit("interval_level", model.interval_level);
  visit("draw_seed", model.draw_seed);
  visit("candidates", model.candidates);
  visit("holdout", model.holdout);
  visit("warnings", model.warnings);
  visit("merged_share", model.merged_share);
  visit("merged_is_bound", model.merged_is_bound);
  visit("margin", model.margin);
}

// BaseHistory with its maps as lists, which a reader puts into order again.
struct HistoryLists {
  struct Cell {
    int32_t born = 0, month = 0;  // since January 1970
    BaseHistory::Cell sums;
  };
  std::vector<std::pair<Day, int64_t>> births, repeats;
  std::vector<Cell> cohorts;
  std::vector<int64_t> gaps, gaps_before;
  int64_t purchases = 0, purchase_days = 0;
  bool purchases_are_orders = false;

  static HistoryLists Of(const BaseHistory& history) {
    HistoryLists lists{.births = {history.births.begin(), history.births.end()},
                       .repeats = {history.repeats.begin(), history.repeats.end()},
                       .cohorts = {},
                       .gaps = history.gaps,
                       .gaps_before = history.gaps_before,
                       .purchases = history.purchases,
                       .purchase_days = history.purchase_days,
                       .purchases_are_orders = history.purchases_are_orders};
    for (const auto& [months, cell] : history.cohorts) {
      lists.cohorts.push_back({.born = months.first, .month = months.second, .sums = cell});
    }
    return lists;
  }
  BaseHistory History() const {
    BaseHistory history;
    history.births = {births.begin(), births.end()};
    history.repeats = {repeats.begin(), repeats.end()};
    for (const Cell& cell : cohorts) history.cohorts[{cell.born, cell.month}] = cell.sums;
    history.gaps = gaps;
    history.gaps_before = gaps_before;
    history.purchases = purchases;
    history.purchase_days = purchase_days;
    history.purchases_are_orders = purchases_are_orders;
    return history;
  }
};

template <typename V, Maybe<HistoryLists::Cell> M>
void VisitFields(V& visit, M& cell) {
  visit("born", cell.born);
  visit("month", cell.month);
  visit("buyers", cell.sums.buyers);
  visit("repeat_purchases", cell.sums.repeat_purchases);
  visit("net_micros", cell.sums.net_micros);
  visit("repeat_net_micros", cell.sums.repeat_net_micros);
}

template <typename V, Maybe<HistoryLists> M>
void VisitFields(V& visit, M& lists) {
  visit("births", lists.births);
  visit("repeats", lists.repeats);
  visit("cohorts", lists.cohorts);
  visit("gaps", lists.gaps);
  visit("gaps_before", lists.gaps_before);
  visit("purchases", lists.purchases);
  visit("purchase_days", lists.purchase_days);
  visit("purchases_are_orders", lists.purchases_are_orders);
}

template <typename V, Maybe<SpendModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted", model.fitted);
  visit("reason", model.reason);
  visit("p", model.p);
  visit("q", model.q);
  visit("v", model.v);
  visit("standard_errors", model.standard_errors);
  visit("has_standard_errors", model.has_standard_errors);
  visit("log_likelihood", model.log_likelihood);
  visit("customers", model.customers);
  visit("left_out_not_positive", model.left_out_not_positive);
  visit("population_mean", model.population_mean);
  visit("iterations", model.iterations);
  visit("warnings", model.warnings);
  visit("identified", model.identified);
  visit("boundary", model.boundary);
  visit("estimates", model.estimates);
  visit("covariance", model.covariance);
  visit("population_median", model.population_median);
  visit("correlation", model.correlation);
}

}  // namespace strata
