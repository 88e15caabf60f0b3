#include "wire/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "strata/v1/models.pb.h"
#include "wire/clustering_models.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/lifetime_models.h"
#include "wire/scheme_models.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::CHURN_GRADE_A == static_cast<int>(Grade::kA) && v1::ChurnGrade_MAX == static_cast<int>(Grade::kD));

template <typename T, typename Field>
void FillList(const std::vector<T>& values, Field* field) {
  field->Add(values.begin(), values.end());
}

void FillTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>* field) {
  for (const std::string& text : texts) *field->Add() = EscapeNonUtf8(text);
}

template <typename Field>
auto ListOf(const Field& field) {
  return std::vector<typename Field::value_type>(field.begin(), field.end());
}

absl::StatusOr<Day> ReadModelDate(const google::type::Date& date, std::string_view field) {
  const auto day = ReadDate(date, field);
  if (!day.ok()) return AnswerInvalid(field, StdView(day.status().message()));
  return *day;
}

void Fill(const RfmModel& model, v1::RfmModel* message) {
  message->set_scores(model.scores);
  FillDate(model.as_of, message->mutable_as_of());
  message->set_customers(model.customers);
  FillList(model.recency_cuts_days, message->mutable_recency_cuts_days());
  FillList(model.frequency_cuts, message->mutable_frequency_cuts());
  FillList(model.monetary_cuts_micros, message->mutable_monetary_cuts_micros());
  if (model.axis_scores != RfmModel().axis_scores) {
    message->mutable_axis_scores()->Add(model.axis_scores.begin(), model.axis_scores.end());
  }
  message->set_cuts(model.cuts);
  message->set_window(model.window);
  message->set_grid(EscapeNonUtf8(model.grid));
}

absl::StatusOr<RfmModel> Read(const v1::RfmModel& message) {
  RfmModel model{.scores = message.scores(),
                 .customers = message.customers(),
                 .recency_cuts_days = ListOf(message.recency_cuts_days()),
                 .frequency_cuts = ListOf(message.frequency_cuts()),
                 .monetary_cuts_micros = ListOf(message.monetary_cuts_micros())};
  STRATA_ASSIGN_OR_RETURN(model.as_of, ReadModelDate(message.as_of(), "rfm.as_of"));
  if (!message.axis_scores().empty()) {
    if (std::cmp_not_equal(message.axis_scores_size(), model.axis_scores.size())) {
      return AnswerInvalid("rfm.axis_scores", fmt::format("has {} entries", message.axis_scores_size()));
    }
    std::copy(message.axis_scores().begin(), message.axis_scores().end(), model.axis_scores.begin());
  }
  // Servers of before say nothing of these.
  if (!message.cuts().empty()) model.cuts = message.cuts();
  if (!message.window().empty()) model.window = message.window();
  if (!message.grid().empty()) model.grid = message.grid();
  return model;
}

void FillHoldout(const ChurnModel& model, v1::ChurnModel::Holdout* message) {
  FillDate(model.train_cutoff, message->mutable_train_cutoff());
  FillDate(model.test_cutoff, message->mutable_test_cutoff());
  message->set_rows(model.holdout_rows);
  message->set_churned(model.holdout_churned);
  message->set_auc(model.auc);
  message->set_log_loss(model.log_loss);
  message->set_brier(model.brier);
  message->set_calibration_error(model.calibration_error);
  for (const Baseline& baseline : model.baselines) {
    v1::ChurnModel::Baseline* entry = message->add_baselines();
    entry->set_name(baseline.name);
    entry->set_auc(baseline.auc);
    if (baseline.log_loss.has_value()) entry->set_log_loss(*baseline.log_loss);
  }
  message->set_best_baseline(model.best_baseline);
  message->set_auc_gain(model.auc_gain);
  message->set_auc_gain_low(model.auc_gain_low);
  message->set_auc_gain_high(model.auc_gain_high);
}

void Fill(const ChurnModel& model, v1::ChurnModel* message) {
  message->set_fitted(model.fitted);
  message->set_reason(EscapeNonUtf8(model.reason));
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
}

absl::Status ReadHoldout(const v1::ChurnModel::Holdout& message, ChurnModel* model) {
  STRATA_ASSIGN_OR_RETURN(model->train_cutoff, ReadModelDate(message.train_cutoff(), "churn.holdout.train_cutoff"));
  STRATA_ASSIGN_OR_RETURN(model->test_cutoff, ReadModelDate(message.test_cutoff(), "churn.holdout.test_cutoff"));
  model->holdout_rows = message.rows();
  model->holdout_churned = message.churned();
  model->auc = message.auc();
  model->log_loss = message.log_loss();
  model->brier = message.brier();
  model->calibration_error = message.calibration_error();
  for (const v1::ChurnModel::Baseline& entry : message.baselines()) {
    Baseline baseline{.name = entry.name(), .auc = entry.auc()};
    if (entry.has_log_loss()) baseline.log_loss = entry.log_loss();
    model->baselines.push_back(std::move(baseline));
  }
  model->best_baseline = message.best_baseline();
  model->auc_gain = message.auc_gain();
  model->auc_gain_low = message.auc_gain_low();
  model->auc_gain_high = message.auc_gain_high();
  return absl::OkStatus();
}

absl::StatusOr<ChurnModel> Read(const v1::ChurnModel& message) {
  ChurnModel model{.fitted = message.fitted(),
                   .reason = message.reason(),
                   .horizon_days = message.horizon_days(),
                   .eligible_days = message.eligible_days(),
                   .features = ListOf(message.features()),
                   .mean = ListOf(message.mean()),
                   .deviation = ListOf(message.deviation()),
                   .coefficients = ListOf(message.coefficients()),
                   .intercept = message.intercept(),
                   .rows = message.rows(),
                   .churned = message.churned(),
                   .grade_reason = message.grade_reason()};
  STRATA_RETURN_IF_ERROR(ReadHoldout(message.holdout(), &model));
  if (!v1::ChurnGrade_IsValid(message.grade())) {
    return AnswerInvalid("churn.grade",
                         fmt::format("{} is no grade this program knows", static_cast<int>(message.grade())));
  }
  model.grade = static_cast<Grade>(message.grade());
  return model;
}

}  // namespace

void FillModels(const FittedModels& models, v1::Models* message) {
  if (models.rfm.has_value()) Fill(*models.rfm, message->mutable_rfm());
  if (models.clustering.has_value()) FillClustering(*models.clustering, message->mutable_clustering());
  if (models.lifetime.has_value()) FillLifetime(*models.lifetime, message->mutable_lifetime());
  if (models.spend.has_value()) FillSpend(*models.spend, message->mutable_spend());
  if (models.churn.has_value()) Fill(*models.churn, message->mutable_churn());
  if (models.schemes.has_value()) FillSchemes(*models.schemes, message->mutable_schemes());
  message->set_lifetime_horizon_days(models.lifetime_horizon_days);
  message->set_discount_rate_annual(models.discount_rate_annual);
}

absl::StatusOr<FittedModels> ReadModels(const v1::Models& message) {
  FittedModels models;
  if (message.has_rfm()) {
    STRATA_ASSIGN_OR_RETURN(models.rfm, Read(message.rfm()));
  }
  if (message.has_clustering()) {
    STRATA_ASSIGN_OR_RETURN(models.clustering, ReadClustering(message.clustering()));
  }
  if (message.has_lifetime()) {
    STRATA_ASSIGN_OR_RETURN(models.lifetime, ReadLifetime(message.lifetime()));
  }
  if (message.has_spend()) models.spend = ReadSpend(message.spend());
  if (message.has_churn()) {
    STRATA_ASSIGN_OR_RETURN(models.churn, Read(message.churn()));
  }
  if (message.has_schemes()) {
    STRATA_ASSIGN_OR_RETURN(models.schemes, ReadSchemes(message.schemes()));
  }
  models.lifetime_horizon_days = message.lifetime_horizon_days();
  models.discount_rate_annual = message.discount_rate_annual();
  return models;
}

}  // namespace strata
