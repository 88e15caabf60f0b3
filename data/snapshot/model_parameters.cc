#include <fmt/format.h>

#include <cmath>

#include "data/snapshot/snapshot_diff.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;

class ParameterList {
 public:
  void Begin(std::string model) { model_ = std::move(model); }
  // A NaN is a parameter that the model does not have.
  template <typename Number>
  void Add(const std::string& name, Number value) {
    const auto number = static_cast<double>(value);
    if (std::isfinite(number)) parameters_.emplace_back(model_ + "." + name, number);
  }
  std::vector<std::pair<std::string, double>> Take() { return std::move(parameters_); }

 private:
  std::string model_;
  std::vector<std::pair<std::string, double>> parameters_;
};

void AddRfm(const RfmModel& model, ParameterList* list) {
  list->Begin("rfm");
  list->Add("customers", model.customers);
  list->Add("scores", model.scores);
  const auto add_cuts = [list](const std::string& name, const std::vector<int64_t>& cuts, double unit) {
    for (size_t i = 0; i < cuts.size(); ++i)
      list->Add(fmt::format("{}_{}", name, i + 1), static_cast<double>(cuts[i]) / unit);
  };
  add_cuts("recency_cut_days", model.recency_cuts_days, 1);
  add_cuts("frequency_cut", model.frequency_cuts, 1);
  add_cuts("monetary_cut", model.monetary_cuts_micros, kMicros);
}

void AddClustering(const ClusteringModel& model, ParameterList* list) {
  list->Begin("clustering");
  list->Add("k", model.k);
  if (model.k == 0) return;
  list->Add("inertia", model.inertia);
  list->Add("silhouette", model.silhouette);
  list->Add("iterations", model.iterations);
  for (const FittedCluster& cluster : model.clusters) {
    list->Begin(fmt::format("clustering.cluster-{}", cluster.id));
    list->Add("customers", cluster.size);
    // In scaled units, which differ from fit to fit: back to the transformed feature's own.
    for (size_t f = 0; f < model.space.numeric.size(); ++f) {
      const NumericFeature& feature = model.space.numeric[f];
      const double scaled = std::ldexp(cluster.centre.q[f], -model.space.grid_bits);
      list->Add(feature.name, feature.mean + feature.deviation * scaled / feature.weight);
    }
  }
}

// Only what the data determine.
void AddEstimates(const std::vector<ParameterEstimate>& estimates, ParameterList* list) {
  for (const ParameterEstimate& estimate : estimates) {
    if (estimate.estimate.has_value()) list->Add(estimate.name, *estimate.estimate);
  }
}

void AddLifetime(const LifetimeModel& model, ParameterList* list) {
  const LifetimeFit& fit = model.fit;
  if (!fit.fitted) return;
  list->Begin("lifetime");
  AddEstimates(fit.estimates, list);
  AddEstimates(fit.determined, list);
  if (fit.parameters.k > 1) list->Add("k", fit.parameters.k);
  list->Add("time_unit_days", model.time_unit_days);
  list->Add("log_likelihood", fit.log_likelihood);
  list->Add("customers", fit.customers);
  list->Add("unique_rows", fit.unique_rows);
  if (model.margin.asked) list->Add("margin_factor", model.margin.factor);
  if (model.holdout.has_value() && model.holdout->reason.empty()) {
    list->Begin("lifetime.holdout");
    list->Add("actual", model.holdout->actual);
    list->Add("expected", model.holdout->expected);
  }
  if (!model.covariates.has_value() || !model.covariates->fit.fitted) return;
  list->Begin("lifetime.covariate");
  for (const CovariateCoefficient& coefficient : model.covariates->coefficients) {
    if (coefficient.told.estimate.has_value()) list->Add(coefficient.told.name, *coefficient.told.estimate);
  }
}

void AddSpend(const SpendModel& model, ParameterList* list) {
  list->Begin("spend");
  if (model.boundary.find("infinite_mean") == std::string::npos) list->Add("population_mean", model.population_mean);
  if (!model.fitted) return;
  AddEstimates(model.estimates, list);
  list->Add("log_likelihood", model.log_likelihood);
  list->Add("customers", model.customers);
  list->Add("left_out_not_positive", model.left_out_not_positive);
}

void AddChurn(const ChurnModel& model, ParameterList* list) {
  if (!model.fitted) return;
  list->Begin("churn");
  list->Add("rows", model.rows);
  list->Add("churned", model.churned);
  list->Add("holdout_rows", model.holdout_rows);
  list->Add("holdout_churned", model.holdout_churned);
  list->Add("auc", model.auc);
  list->Add("log_loss", model.log_loss);
  list->Add("brier", model.brier);
  list->Add("calibration_error", model.calibration_error);
  list->Add("auc_gain", model.auc_gain);
  list->Add("average_precision", model.average_precision);
  list->Add("horizon_days", model.horizon_days);
  list->Add("intercept", model.intercept);
  if (model.ensemble.has_value()) {
    list->Add("trees", model.ensemble->trees.size());
    list->Begin("churn.driver");
    for (const ChurnDriver& driver : model.drivers) list->Add(driver.feature, driver.contribution);
  }
  list->Begin("churn.coefficient");
  for (size_t i = 0; i < model.features.size() && i < model.coefficients.size(); ++i)
    list->Add(model.features[i], model.coefficients[i]);
}

}  // namespace

std::vector<std::pair<std::string, double>> ModelParameters(const FittedModels& models) {
  ParameterList list;
  if (models.rfm.has_value()) AddRfm(*models.rfm, &list);
  if (models.clustering.has_value()) AddClustering(*models.clustering, &list);
  if (models.lifetime.has_value()) AddLifetime(*models.lifetime, &list);
  if (models.spend.has_value()) AddSpend(*models.spend, &list);
  if (models.lifetime.has_value()) {
    list.Begin("valuation");
    list.Add("horizon_days", models.lifetime_horizon_days);
    list.Add("discount_rate_annual", models.discount_rate_annual);
  }
  if (models.churn.has_value()) AddChurn(*models.churn, &list);
  return list.Take();
}

}  // namespace strata
