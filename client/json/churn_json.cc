#include "client/json/churn_json.h"

#include <nlohmann/json.hpp>

#include "base/date.h"
#include "client/json/score_json.h"
#include "model/churn/churn_names.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json BaselinesJson(const ChurnModel& model) {
  Json baselines = Json::array();
  for (const Baseline& baseline : model.baselines) {
    Json& entry = baselines.emplace_back(Json::object());
    entry["name"] = baseline.name;
    entry["auc"] = NumberOrNull(baseline.auc);
    entry["log_loss"] = baseline.log_loss.has_value() ? NumberOrNull(*baseline.log_loss) : Json(nullptr);
    if (baseline.average_precision.has_value()) entry["average_precision"] = NumberOrNull(*baseline.average_precision);
    if (baseline.threshold != 0) entry["threshold"] = NumberOrNull(baseline.threshold);
  }
  return baselines;
}

Json PlanJson(const ChurnModel& model) {
  Json features = Json::array();
  for (size_t j = 0; j < model.plan.features.size(); ++j) {
    const ChurnFeature& feature = model.plan.features[j];
    features.push_back({{"name", feature.name},
                        {"group", feature.group},
                        {"formula", feature.formula},
                        {"unit", feature.unit},
                        {"type", kChurnFeatureTypes.at(static_cast<size_t>(feature.type))},
                        {"usual", j < model.medians.size() ? NumberOrNull(model.medians[j]) : Json(nullptr)}});
  }
  return features;
}

Json DriversJson(const ChurnModel& model) {
  Json drivers = Json::array();
  for (const ChurnDriver& driver : model.drivers) {
    drivers.push_back({{"feature", driver.feature},
                       {"group", driver.group},
                       {"gain", NumberOrNull(driver.gain)},
                       {"contribution", NumberOrNull(driver.contribution)},
                       {"single_auc", NumberOrNull(driver.single_auc)},
                       {"missing", NumberOrNull(driver.missing)}});
  }
  return drivers;
}

Json ReliabilityJson(const ChurnModel& model) {
  Json bins = Json::array();
  for (const CalibrationBin& bin : model.reliability) {
    bins.push_back({{"rows", bin.rows},
                    {"churned", bin.churned},
                    {"predicted", NumberOrNull(bin.predicted)},
                    {"low", NumberOrNull(bin.low)},
                    {"high", NumberOrNull(bin.high)}});
  }
  return bins;
}

Json LiftJson(const ChurnModel& model) {
  Json deciles = Json::array();
  for (const LiftDecile& decile : model.lift) {
    deciles.push_back({{"rows", decile.rows},
                       {"churned", decile.churned},
                       {"lift", NumberOrNull(decile.lift)},
                       {"gain", NumberOrNull(decile.gain)}});
  }
  return deciles;
}

Json CalibrationJson(const Calibration& calibration) {
  const auto tried = [](double loss) { return loss > 0 ? NumberOrNull(loss) : Json(nullptr); };
  return {{"method", kCalibrationMethods.at(static_cast<size_t>(calibration.method))},
          {"rows", calibration.rows},
          {"churned", calibration.churned},
          {"platt_loss", tried(calibration.platt_loss)},
          {"isotonic_loss", tried(calibration.isotonic_loss)}};
}

Json SufficiencyJson(const ChurnModel& model) {
  Json lines = Json::array();
  for (const SufficiencyLine& line : model.sufficiency) {
    lines.push_back({{"rule", line.rule},
                     {"found", NumberOrNull(line.found)},
                     {"needed", NumberOrNull(line.needed)},
                     {"met", line.met},
                     {"consequence", line.consequence}});
  }
  return lines;
}

Json DatesJson(const std::vector<Day>& days) {
  Json dates = Json::array();
  for (const Day day : days) dates.push_back(FormatDay(day));
  return dates;
}

}  // namespace

Json ChurnModelJson(const ModelsAnswer& answer) {
  const ChurnModel& model = *answer.models.churn;
  const bool measured = model.holdout_rows > 0;
  const auto number = [measured](double value) { return measured ? NumberOrNull(value) : Json(nullptr); };
  const auto date = [measured](Day day) { return measured ? Json(FormatDay(day)) : Json(nullptr); };
  return {{"algorithm", Name(model.algorithm)},
          {"fitted", model.fitted},
          {"reason", model.fitted ? Json(nullptr) : Json(model.reason)},
          {"question", kChurnQuestions.at(static_cast<size_t>(model.plan.question))},
          {"horizon_days", model.horizon_days},
          {"eligible_days", model.eligible_days},
          {"rows", model.rows},
          {"churned", model.churned},
          {"auc", number(model.auc)},
          {"average_precision", number(model.average_precision)},
          {"log_loss", number(model.log_loss)},
          {"brier", number(model.brier)},
          {"calibration_error", number(model.calibration_error)},
          {"calibration_error_perfect", number(model.calibration_error_perfect)},
          {"baselines", BaselinesJson(model)},
          {"best_baseline", measured ? Json(model.best_baseline) : Json(nullptr)},
          {"auc_gain", number(model.auc_gain)},
          {"auc_gain_low", number(model.auc_gain_low)},
          {"auc_gain_high", number(model.auc_gain_high)},
          {"grade", model.grade == Grade::kNone ? Json(nullptr) : Json(Name(model.grade))},
          {"grade_reason", model.grade == Grade::kNone ? Json(model.grade_reason) : Json(nullptr)},
          {"holdout",
           {{"train_cutoff", date(model.train_cutoff)},
            {"test_cutoff", date(model.test_cutoff)},
            {"temporal", model.temporal},
            {"rows", model.holdout_rows},
            {"churned", model.holdout_churned},
            {"reliability", ReliabilityJson(model)},
            {"lift", LiftJson(model)}}},
          {"fitted_as_of", model.fitted_as_of == 0 ? Json(nullptr) : Json(FormatDay(model.fitted_as_of))},
          {"cutoffs", DatesJson(model.cutoffs)},
          {"bands", {{"low", NumberOrNull(model.band_low)}, {"high", NumberOrNull(model.band_high)}}},
          {"calibration", CalibrationJson(model.calibration)},
          {"plan", PlanJson(model)},
          {"drivers", DriversJson(model)},
          {"sufficiency", SufficiencyJson(model)},
          {"warnings", model.warnings},
          {"trees", answer.churn_trees},
          {"leaves", answer.churn_leaves},
          {"features", model.features},
          {"mean", model.mean},
          {"deviation", model.deviation},
          {"coefficients", model.coefficients},
          {"intercept", model.fitted ? NumberOrNull(model.intercept) : Json(nullptr)}};
}

}  // namespace strata
