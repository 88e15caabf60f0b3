#include "client/json/lifetime_json.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "client/json/score_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 5> kStates = {"running", "converged", "ridge", "stalled", "out_of_iterations"};

Json OrNull(const std::optional<double>& value) { return value.has_value() ? NumberOrNull(*value) : Json(nullptr); }
Json DateOrNull(Day day) { return day == 0 ? Json(nullptr) : Json(FormatDay(day)); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json EstimateJson(const ParameterEstimate& estimate) {
  return {{"name", estimate.name},
          {"estimate", OrNull(estimate.estimate)},
          {"standard_error", OrNull(estimate.standard_error)},
          {"low", OrNull(estimate.low)},
          {"high", OrNull(estimate.high)},
          {"words", TextOrNull(estimate.words)}};
}

Json EstimatesJson(const std::vector<ParameterEstimate>& estimates) {
  Json list = Json::array();
  for (const ParameterEstimate& estimate : estimates) list.push_back(EstimateJson(estimate));
  return list;
}

// parameters and standard_errors by name, and all that is known of each in `named`.
void AddEstimates(const std::vector<ParameterEstimate>& estimates, Json* json) {
  Json parameters = Json::object(), errors = Json::object();
  for (const ParameterEstimate& estimate : estimates) {
    parameters[estimate.name] = OrNull(estimate.estimate);
    errors[estimate.name] = OrNull(estimate.standard_error);
  }
  json->update({{"parameters", std::move(parameters)},
                {"standard_errors", std::move(errors)},
                {"named", EstimatesJson(estimates)}});
}

Json CandidatesJson(const std::vector<CandidateLine>& candidates) {
  Json list = Json::array();
  for (const CandidateLine& line : candidates) {
    const auto number = [&line](double value) { return line.takes_part ? NumberOrNull(value) : Json(nullptr); };
    list.push_back({{"model", Name(line.kind)},
                    {"k", line.k},
                    {"takes_part", line.takes_part},
                    {"log_likelihood", line.log_likelihood != 0 ? NumberOrNull(line.log_likelihood) : Json(nullptr)},
                    {"log_probability", number(line.log_probability)},
                    {"gain", number(line.gain)},
                    {"gain_error", number(line.gain_error)},
                    {"bias", number(line.bias)},
                    {"chosen", line.chosen},
                    {"words", TextOrNull(line.words)}});
  }
  return list;
}

Json HoldoutJson(const HoldoutJudgement& judged) {
  Json json = {{"as_of", FormatDay(judged.as_of)}, {"days", judged.days}, {"reason", TextOrNull(judged.reason)}};
  if (!judged.reason.empty()) return json;
  json["customers"] = judged.customers;
  json["actual"] = judged.actual;
  json["expected"] = NumberOrNull(judged.expected);
  json["errors"] = Json::array();
  for (const PredictionErrors& errors : judged.errors) {
    json["errors"].push_back({{"name", errors.name},
                              {"mae", NumberOrNull(errors.mae)},
                              {"rmse", NumberOrNull(errors.rmse)},
                              {"bias", NumberOrNull(errors.bias)},
                              {"log_probability", NumberOrNull(errors.log_probability)}});
  }
  json["interval"] = {
      {"level", judged.interval_level}, {"mass", NumberOrNull(judged.interval_mass)}, {"covered", judged.covered}};
  json["grade"] = judged.grade == Grade::kNone ? Json(nullptr) : Json(Name(judged.grade));
  json["grade_reason"] = TextOrNull(judged.grade_reason);
  return json;
}

Json CovariatesJson(const CovariateModel& model) {
  Json list = Json::array();
  for (const CovariateCoefficient& coefficient : model.coefficients) list.push_back(EstimateJson(coefficient.told));
  return list;
}

}  // namespace

Json LifetimeJson(const FittedModels& models, std::optional<double> active_customers) {
  const LifetimeModel& model = *models.lifetime;
  const LifetimeFit& fit = model.fit;
  Json json = {{"model", Name(fit.parameters.kind)},
               {"asked_model", Name(fit.asked)},
               {"k", fit.parameters.k},
               {"fitted", fit.fitted},
               {"reason", fit.fitted ? Json(nullptr) : Json(fit.reason)}};
  if (fit.fitted) {
    AddEstimates(fit.estimates, &json);
  } else {
    json.update({{"parameters", nullptr}, {"standard_errors", nullptr}, {"named", Json::array()}});
  }
  const auto number = [&fit](double value) { return fit.fitted ? NumberOrNull(value) : Json(nullptr); };
  json.update({{"determined", EstimatesJson(fit.determined)},
               {"boundary", TextOrNull(fit.boundary)},
               {"log_likelihood", number(fit.log_likelihood)},
               {"log_posterior", number(fit.log_posterior)},
               {"customers", std::llround(fit.customers)},
               {"active_customers", OrNull(active_customers)},
               {"unique_rows", fit.unique_rows},
               {"identified", fit.identified},
               {"time_unit_days", model.time_unit_days},
               {"horizon_days", models.lifetime_horizon_days},
               {"discount_rate_annual", models.discount_rate_annual},
               {"search_state", kStates.at(static_cast<size_t>(fit.state))},
               {"iterations", fit.evaluations},
               {"gradient_norm", NumberOrNull(fit.gradient_norm)},
               {"condition", number(fit.condition)},
               {"smallest_eigenvalue", number(fit.smallest_eigenvalue)},
               {"fitted_as_of", DateOrNull(model.fitted_as_of)},
               {"chosen_as_of", DateOrNull(model.chosen_as_of)},
               {"refit", model.refit},
               {"refit_reason", TextOrNull(model.refit_reason)},
               {"interval", model.interval_level > 0 ? Json(model.interval_level) : Json(nullptr)},
               {"merged_share", OrNull(model.merged_share)},
               {"merged_is_bound", model.merged_is_bound}});
  // Left out where the job asks for none.
  if (model.margin.asked) json["margin_factor"] = NumberOrNull(model.margin.factor);
  if (!model.candidates.empty()) json["candidates"] = CandidatesJson(model.candidates);
  if (model.holdout.has_value()) json["holdout"] = HoldoutJson(*model.holdout);
  if (model.covariates.has_value()) json["covariates"] = CovariatesJson(*model.covariates);
  json["warnings"] = fit.warnings;
  return json;
}

Json SpendJson(const SpendModel& model) {
  const bool has_mean = model.boundary.find("infinite_mean") == std::string::npos;
  Json json = {{"model", "gamma_gamma"},
               {"fitted", model.fitted},
               {"reason", model.fitted ? Json(nullptr) : Json(model.reason)},
               {"parameters", nullptr},
               {"standard_errors", nullptr}};
  if (model.fitted && !model.estimates.empty()) {
    AddEstimates(model.estimates, &json);
  } else if (model.fitted) {
    json["parameters"] = {{"p", model.p}, {"q", model.q}, {"v", model.v}};
    const auto& errors = model.standard_errors;
    if (model.has_standard_errors) json["standard_errors"] = {{"p", errors[0]}, {"q", errors[1]}, {"v", errors[2]}};
  }
  json.update({{"boundary", TextOrNull(model.boundary)},
               {"identified", model.identified},
               {"log_likelihood", model.fitted ? NumberOrNull(model.log_likelihood) : Json(nullptr)},
               {"customers", model.customers},
               {"left_out_not_positive", model.left_out_not_positive},
               {"population_mean", has_mean ? NumberOrNull(model.population_mean) : Json(nullptr)},
               {"population_median", OrNull(model.population_median)},
               {"correlation", OrNull(model.correlation)},
               {"iterations", model.iterations},
               {"warnings", model.warnings}});
  return json;
}

}  // namespace strata
