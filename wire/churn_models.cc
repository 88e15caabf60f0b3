#include "wire/churn_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/churn/churn_names.h"
#include "strata/v1/churn_model.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::CHURN_GRADE_A == static_cast<int>(Grade::kA) && v1::ChurnGrade_MAX == static_cast<int>(Grade::kD));

using Message = v1::ChurnModel;

template <typename T, typename Field>
void FillList(const std::vector<T>& values, Field* field) {
  field->Add(values.begin(), values.end());
}

template <typename Field>
auto ListOf(const Field& field) {
  return std::vector<typename Field::value_type>(field.begin(), field.end());
}

void FillTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>* field) {
  for (const std::string& text : texts) *field->Add() = EscapeNonUtf8(text);
}

template <typename E, size_t N>
std::string NameIn(const std::array<std::string_view, N>& names, E value) {
  return std::string(names.at(static_cast<size_t>(value)));
}

template <typename E, size_t N>
absl::Status ReadName(const std::array<std::string_view, N>& names, const std::string& text, std::string_view field,
                      E* value) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    return AnswerInvalid(field, fmt::format("'{}', known are {}", text, fmt::join(names, ", ")));
  }
  *value = static_cast<E>(found - names.begin());
  return absl::OkStatus();
}

absl::Status ReadModelDate(const google::type::Date& date, std::string_view field, Day* day) {
  const auto read = ReadDate(date, field);
  if (!read.ok()) return AnswerInvalid(field, StdView(read.status().message()));
  *day = *read;
  return absl::OkStatus();
}

void FillHoldout(const ChurnModel& model, Message::Holdout* message) {
  FillDate(model.train_cutoff, message->mutable_train_cutoff());
  FillDate(model.test_cutoff, message->mutable_test_cutoff());
  message->set_rows(model.holdout_rows);
  message->set_churned(model.holdout_churned);
  message->set_auc(model.auc);
  message->set_log_loss(model.log_loss);
  message->set_brier(model.brier);
  message->set_calibration_error(model.calibration_error);
  for (const Baseline& baseline : model.baselines) {
    Message::Baseline* entry = message->add_baselines();
    entry->set_name(baseline.name);
    entry->set_auc(baseline.auc);
    if (baseline.log_loss.has_value()) entry->set_log_loss(*baseline.log_loss);
    if (baseline.average_precision.has_value()) entry->set_average_precision(*baseline.average_precision);
    entry->set_threshold(baseline.threshold);
  }
  message->set_best_baseline(model.best_baseline);
  message->set_auc_gain(model.auc_gain);
  message->set_auc_gain_low(model.auc_gain_low);
  message->set_auc_gain_high(model.auc_gain_high);
  message->set_average_precision(model.average_precision);
  message->set_calibration_error_perfect(model.calibration_error_perfect);
  message->set_not_temporal(!model.temporal);
  for (const CalibrationBin& bin : model.reliability) {
    Message::ReliabilityBin* entry = message->add_reliability();
    entry->set_rows(bin.rows);
    entry->set_churned(bin.churned);
    entry->set_predicted(bin.predicted);
    entry->set_low(bin.low);
    entry->set_high(bin.high);
  }
  for (const LiftDecile& decile : model.lift) {
    Message::LiftDecile* entry = message->add_lift();
    entry->set_rows(decile.rows);
    entry->set_churned(decile.churned);
    entry->set_lift(decile.lift);
    entry->set_gain(decile.gain);
  }
}

absl::Status ReadHoldout(const Message::Holdout& message, ChurnModel* model) {
  STRATA_RETURN_IF_ERROR(ReadModelDate(message.train_cutoff(), "churn.holdout.train_cutoff", &model->train_cutoff));
  STRATA_RETURN_IF_ERROR(ReadModelDate(message.test_cutoff(), "churn.holdout.test_cutoff", &model->test_cutoff));
  model->holdout_rows = message.rows();
  model->holdout_churned = message.churned();
  model->auc = message.auc();
  model->log_loss = message.log_loss();
  model->brier = message.brier();
  model->calibration_error = message.calibration_error();
  for (const Message::Baseline& entry : message.baselines()) {
    Baseline baseline{.name = entry.name(), .auc = entry.auc(), .threshold = entry.threshold()};
    if (entry.has_log_loss()) baseline.log_loss = entry.log_loss();
    if (entry.has_average_precision()) baseline.average_precision = entry.average_precision();
    model->baselines.push_back(std::move(baseline));
  }
  model->best_baseline = message.best_baseline();
  model->auc_gain = message.auc_gain();
  model->auc_gain_low = message.auc_gain_low();
  model->auc_gain_high = message.auc_gain_high();
  model->average_precision = message.average_precision();
  model->calibration_error_perfect = message.calibration_error_perfect();
  model->temporal = !message.not_temporal();
  for (const Message::ReliabilityBin& entry : message.reliability()) {
    model->reliability.push_back({.rows = entry.rows(),
                                  .churned = entry.churned(),
                                  .predicted = entry.predicted(),
                                  .low = entry.low(),
                                  .high = entry.high()});
  }
  for (const Message::LiftDecile& entry : message.lift()) {
    model->lift.push_back(
        {.rows = entry.rows(), .churned = entry.churned(), .lift = entry.lift(), .gain = entry.gain()});
  }
  return absl::OkStatus();
}

void FillPlan(const ChurnModel& model, Message* message) {
  message->set_question(NameIn(kChurnQuestions, model.plan.question));
  for (size_t j = 0; j < model.plan.features.size(); ++j) {
    const ChurnFeature& feature = model.plan.features[j];
    Message::Feature* entry = message->add_plan();
    entry->set_name(EscapeNonUtf8(feature.name));
    entry->set_formula(EscapeNonUtf8(feature.formula));
    entry->set_unit(EscapeNonUtf8(feature.unit));
    entry->set_group(EscapeNonUtf8(feature.group));
    entry->set_high_words(EscapeNonUtf8(feature.high_words));
    entry->set_low_words(EscapeNonUtf8(feature.low_words));
    entry->set_source(NameIn(kChurnSources, feature.source));
    entry->set_type(NameIn(kChurnFeatureTypes, feature.type));
    entry->set_monotone(feature.monotone);
    const bool has_usual = j < model.medians.size() && feature.type != ColumnType::kText;
    if (has_usual && !std::isnan(model.medians[j])) entry->set_usual(model.medians[j]);
  }
}

absl::Status ReadPlan(const Message& message, ChurnModel* model) {
  if (!message.question().empty()) {
    STRATA_RETURN_IF_ERROR(ReadName(kChurnQuestions, message.question(), "churn.question", &model->plan.question));
  }
  for (const Message::Feature& entry : message.plan()) {
    ChurnFeature& feature = model->plan.features.emplace_back();
    feature.name = entry.name();
    feature.formula = entry.formula();
    feature.unit = entry.unit();
    feature.group = entry.group();
    feature.high_words = entry.high_words();
    feature.low_words = entry.low_words();
    STRATA_RETURN_IF_ERROR(ReadName(kChurnSources, entry.source(), "churn.plan.source", &feature.source));
    STRATA_RETURN_IF_ERROR(ReadName(kChurnFeatureTypes, entry.type(), "churn.plan.type", &feature.type));
    feature.monotone = static_cast<int8_t>(std::clamp(entry.monotone(), -1, 1));
    model->medians.push_back(entry.has_usual() ? entry.usual() : std::numeric_limits<double>::quiet_NaN());
  }
  return absl::OkStatus();
}

void FillCalibration(const Calibration& calibration, Message::Calibration* message) {
  message->set_method(NameIn(kCalibrationMethods, calibration.method));
  message->set_slope(calibration.slope);
  message->set_intercept(calibration.intercept);
  FillList(calibration.places, message->mutable_places());
  FillList(calibration.probabilities, message->mutable_probabilities());
  message->set_platt_loss(calibration.platt_loss);
  message->set_isotonic_loss(calibration.isotonic_loss);
  message->set_rows(calibration.rows);
  message->set_churned(calibration.churned);
}

absl::Status ReadCalibration(const Message::Calibration& message, Calibration* calibration) {
  STRATA_RETURN_IF_ERROR(
      ReadName(kCalibrationMethods, message.method(), "churn.calibration.method", &calibration->method));
  calibration->slope = message.slope();
  calibration->intercept = message.intercept();
  calibration->places = ListOf(message.places());
  calibration->probabilities = ListOf(message.probabilities());
  calibration->platt_loss = message.platt_loss();
  calibration->isotonic_loss = message.isotonic_loss();
  calibration->rows = message.rows();
  calibration->churned = message.churned();
  return absl::OkStatus();
}

// Drivers, dependence and sufficiency.
void FillFindings(const ChurnModel& model, Message* message) {
  for (const ChurnDriver& driver : model.drivers) {
    Message::Driver* entry = message->add_drivers();
    entry->set_feature(EscapeNonUtf8(driver.feature));
    entry->set_group(EscapeNonUtf8(driver.group));
    entry->set_gain(driver.gain);
    entry->set_contribution(driver.contribution);
    entry->set_single_auc(driver.single_auc);
    entry->set_missing(driver.missing);
  }
  for (const DependencePoint& point : model.dependence) {
    Message::DependencePoint* entry = message->add_dependence();
    entry->set_feature(EscapeNonUtf8(point.feature));
    entry->set_from(point.from);
    entry->set_to(point.to);
    entry->set_level(EscapeNonUtf8(point.level));
    entry->set_margin(point.margin);
    entry->set_probability(point.probability);
  }
  for (const SufficiencyLine& line : model.sufficiency) {
    Message::SufficiencyLine* entry = message->add_sufficiency();
    entry->set_rule(EscapeNonUtf8(line.rule));
    entry->set_found(line.found);
    entry->set_needed(line.needed);
    entry->set_met(line.met);
    entry->set_consequence(EscapeNonUtf8(line.consequence));
  }
}

void ReadFindings(const Message& message, ChurnModel* model) {
  for (const Message::Driver& entry : message.drivers()) {
    model->drivers.push_back({.feature = entry.feature(),
                              .group = entry.group(),
                              .gain = entry.gain(),
                              .contribution = entry.contribution(),
                              .single_auc = entry.single_auc(),
                              .missing = entry.missing()});
  }
  for (const Message::DependencePoint& entry : message.dependence()) {
    model->dependence.push_back({.feature = entry.feature(),
                                 .from = entry.from(),
                                 .to = entry.to(),
                                 .level = entry.level(),
                                 .margin = entry.margin(),
                                 .probability = entry.probability()});
  }
  for (const Message::SufficiencyLine& entry : message.sufficiency()) {
    model->sufficiency.push_back({.rule = entry.rule(),
                                  .found = entry.found(),
                                  .needed = entry.needed(),
                                  .met = entry.met(),
                                  .consequence = entry.consequence()});
  }
}

void FillDates(const ChurnModel& model, Message* message) {
  for (const Day cutoff : model.cutoffs) FillDate(cutoff, message->add_cutoffs());
  if (model.fitted_as_of != 0) FillDate(model.fitted_as_of, message->mutable_fitted_as_of());
}

absl::Status ReadDates(const Message& message, ChurnModel* model) {
  for (const google::type::Date& date : message.cutoffs()) {
    STRATA_RETURN_IF_ERROR(ReadModelDate(date, "churn.cutoffs", &model->cutoffs.emplace_back()));
  }
  if (!message.has_fitted_as_of()) return absl::OkStatus();
  return ReadModelDate(message.fitted_as_of(), "churn.fitted_as_of", &model->fitted_as_of);
}

}  // namespace

void FillChurnModel(const ChurnModel& model, v1::ChurnModel* message) {
  message->set_fitted(model.fitted);
  message->set_reason(EscapeNonUtf8(model.reason));
  message->set_algorithm(Name(model.algorithm));
  message->set_horizon_days(model.horizon_days);
  message->set_eligible_days(model.eligible_days);
  FillTexts(model.features, message->mutable_features());
  FillList(model.mean, message->mutable_mean());
  FillList(model.deviation, message->mutable_deviation());
  FillList(model.coefficients, message->mutable_coefficients());
  message->set_intercept(model.intercept);
  message->set_rows(model.rows);
  message->set_churned(model.churned);
  FillHoldout(model, message->mutable_holdout());
  message->set_grade(static_cast<v1::ChurnGrade>(model.grade));
  message->set_grade_reason(EscapeNonUtf8(model.grade_reason));
  FillDates(model, message);
  if (model.ensemble.has_value()) {
    size_t leaves = 0;
    for (const Tree& tree : model.ensemble->trees) leaves += (tree.nodes.size() + 1) / 2;
    message->set_trees(static_cast<int32_t>(model.ensemble->trees.size()));
    message->set_leaves(static_cast<int32_t>(leaves));
  }
  FillPlan(model, message);
  FillCalibration(model.calibration, message->mutable_calibration());
  message->mutable_bands()->set_low(model.band_low);
  message->mutable_bands()->set_high(model.band_high);
  FillFindings(model, message);
  FillTexts(model.warnings, message->mutable_warnings());
}

absl::StatusOr<ChurnModel> ReadChurnModel(const v1::ChurnModel& message) {
  ChurnModel model;
  model.fitted = message.fitted();
  model.reason = message.reason();
  // Servers of before fitted nothing else, and say nothing of it.
  if (!message.algorithm().empty()) {
    STRATA_RETURN_IF_ERROR(ReadName(kChurnAlgorithms, message.algorithm(), "churn.algorithm", &model.algorithm));
  }
  model.horizon_days = message.horizon_days();
  model.eligible_days = message.eligible_days();
  model.features = ListOf(message.features());
  model.mean = ListOf(message.mean());
  model.deviation = ListOf(message.deviation());
  model.coefficients = ListOf(message.coefficients());
  model.intercept = message.intercept();
  model.rows = message.rows();
  model.churned = message.churned();
  STRATA_RETURN_IF_ERROR(ReadHoldout(message.holdout(), &model));
  if (!v1::ChurnGrade_IsValid(message.grade())) {
    return AnswerInvalid("churn.grade",
                         fmt::format("{} is no grade this program knows", static_cast<int>(message.grade())));
  }
  model.grade = static_cast<Grade>(message.grade());
  model.grade_reason = message.grade_reason();
  STRATA_RETURN_IF_ERROR(ReadDates(message, &model));
  STRATA_RETURN_IF_ERROR(ReadPlan(message, &model));
  if (message.has_calibration()) STRATA_RETURN_IF_ERROR(ReadCalibration(message.calibration(), &model.calibration));
  if (message.has_bands()) {
    model.band_low = message.bands().low();
    model.band_high = message.bands().high();
  }
  ReadFindings(message, &model);
  model.warnings = ListOf(message.warnings());
  return model;
}

}  // namespace strata
