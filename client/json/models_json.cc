#include "client/json/models_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/json/churn_json.h"
#include "client/json/clustering_json.h"
#include "client/json/lifetime_json.h"
#include "client/json/score_json.h"
#include "model/rfm/rfm_score.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMillion = 1e6;  // shares are millionths

Json RfmJson(const RfmModel& model) {
  return {{"scores", model.scores},
          {"customers", model.customers},
          {"recency_cuts_days", model.recency_cuts_days},
          {"frequency_cuts", model.frequency_cuts},
          {"monetary_cuts_micros", model.monetary_cuts_micros},
          {"axis_scores", AxisScores(model)},
          {"cuts", model.cuts},
          {"window", model.window},
          {"grid", model.grid}};
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

Json ValueJson(const ValueModel& model) {
  return {
      {"fitted_as_of", FormatDay(model.fitted_as_of)},
      {"a_from_micros", OrNull(model.a_from)},
      {"b_from_micros", OrNull(model.b_from)},
      {"c_from_micros", OrNull(model.c_from)},
      {"customers", model.customers},
      {"positive", model.positive},
      {"zero", model.zero},
      {"losing", model.losing},
      {"gini", NumberOrNull(model.gini)},
      {"basis", model.basis},
      {"window_days", OrNull(model.window_days)},
      {"a", static_cast<double>(model.a) / kMillion},
      {"b", static_cast<double>(model.b) / kMillion},
      {"d_beyond", model.d_beyond.has_value() ? Json(static_cast<double>(*model.d_beyond) / kMillion) : Json(nullptr)}};
}

Json LifeCycleJson(const LifeCycleModel& model) {
  Json quantiles = Json::array();
  for (const int64_t quantile : model.quantiles) quantiles.push_back(static_cast<double>(quantile) / kMillion);
  return {{"fitted_as_of", FormatDay(model.fitted_as_of)},
          {"gap_days", model.gap_days},
          {"days", model.days},
          {"opened", model.opened},
          {"closed", model.closed},
          {"rule", model.rule},
          {"quantiles", std::move(quantiles)}};
}

Json SchemesJson(const SchemeModels& models) {
  constexpr std::array<const char*, 5> kLevels = {"value", "frequency", "amount", "order", "spending"};
  Json levels = Json::object();
  for (size_t i = 0; i < kLevels.size(); ++i) {
    if (models.levels.at(i).has_value()) levels[kLevels.at(i)] = models.levels.at(i)->cuts;
  }
  return {{"value", models.value.has_value() ? ValueJson(*models.value) : Json(nullptr)},
          {"life_cycle", models.life_cycle.has_value() ? LifeCycleJson(*models.life_cycle) : Json(nullptr)},
          {"levels", std::move(levels)}};
}

}  // namespace

std::string ModelsJson(const ModelsAnswer& answer) {
  const FittedModels& models = answer.models;
  Json json = InfoJson(answer.info);
  json["rfm"] = models.rfm.has_value() ? RfmJson(*models.rfm) : Json(nullptr);
  json["lifetime"] = models.lifetime.has_value() ? LifetimeJson(models, answer.active_customers) : Json(nullptr);
  json["spend"] = models.spend.has_value() ? SpendJson(*models.spend) : Json(nullptr);
  json["clustering"] = models.clustering.has_value() ? ClusteringJson(*models.clustering) : Json(nullptr);
  json["schemes"] = models.schemes.has_value() ? SchemesJson(*models.schemes) : Json(nullptr);
  json["churn"] = models.churn.has_value() ? ChurnModelJson(answer) : Json(nullptr);
  return OneLine(json);
}

}  // namespace strata
