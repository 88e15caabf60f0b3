#include "wire/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "strata/v1/models.pb.h"
#include "wire/churn_models.h"
#include "wire/clustering_models.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/lifetime_models.h"
#include "wire/scheme_models.h"
#include "wire/text.h"

namespace strata {
namespace {

template <typename T, typename Field>
void FillList(const std::vector<T>& values, Field* field) {
  field->Add(values.begin(), values.end());
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

}  // namespace

void FillModels(const FittedModels& models, v1::Models* message) {
  if (models.rfm.has_value()) Fill(*models.rfm, message->mutable_rfm());
  if (models.clustering.has_value()) FillClustering(*models.clustering, message->mutable_clustering());
  if (models.lifetime.has_value()) FillLifetime(*models.lifetime, message->mutable_lifetime());
  if (models.spend.has_value()) FillSpend(*models.spend, message->mutable_spend());
  if (models.churn.has_value()) FillChurnModel(*models.churn, message->mutable_churn());
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
    STRATA_ASSIGN_OR_RETURN(models.churn, ReadChurnModel(message.churn()));
  }
  if (message.has_schemes()) {
    STRATA_ASSIGN_OR_RETURN(models.schemes, ReadSchemes(message.schemes()));
  }
  models.lifetime_horizon_days = message.lifetime_horizon_days();
  models.discount_rate_annual = message.discount_rate_annual();
  return models;
}

}  // namespace strata
