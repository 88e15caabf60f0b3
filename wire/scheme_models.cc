#include "wire/scheme_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "strata/v1/scheme_models.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, 5> kMeasures = {"value", "frequency", "amount", "order", "spending"};

absl::StatusOr<Day> ReadFittedDate(const google::type::Date& date, std::string_view field) {
  const auto day = ReadDate(date, field);
  if (!day.ok()) return AnswerInvalid(field, StdView(day.status().message()));
  return *day;
}

template <typename Field, size_t N>
absl::Status ReadThree(const Field& field, std::string_view name, std::array<int64_t, N>* values) {
  if (std::cmp_not_equal(field.size(), N)) return AnswerInvalid(name, fmt::format("has {} entries", field.size()));
  std::copy(field.begin(), field.end(), values->begin());
  return absl::OkStatus();
}

void Fill(const ValueModel& model, v1::SchemeModels::Value* message) {
  FillDate(model.fitted_as_of, message->mutable_fitted_as_of());
  if (model.a_from.has_value()) message->set_a_from_micros(*model.a_from);
  if (model.b_from.has_value()) message->set_b_from_micros(*model.b_from);
  if (model.c_from.has_value()) message->set_c_from_micros(*model.c_from);
  message->set_customers(model.customers);
  message->set_positive(model.positive);
  message->set_zero(model.zero);
  message->set_losing(model.losing);
  message->set_gini(model.gini);
  message->set_basis(EscapeNonUtf8(model.basis));
  if (model.window_days.has_value()) message->set_window_days(*model.window_days);
  message->set_a_share(model.a);
  message->set_b_share(model.b);
  if (model.d_beyond.has_value()) message->set_d_beyond_share(*model.d_beyond);
}

absl::StatusOr<ValueModel> Read(const v1::SchemeModels::Value& message) {
  ValueModel model;
  STRATA_ASSIGN_OR_RETURN(model.fitted_as_of, ReadFittedDate(message.fitted_as_of(), "schemes.value.fitted_as_of"));
  if (message.has_a_from_micros()) model.a_from = message.a_from_micros();
  if (message.has_b_from_micros()) model.b_from = message.b_from_micros();
  if (message.has_c_from_micros()) model.c_from = message.c_from_micros();
  model.customers = message.customers();
  model.positive = message.positive();
  model.zero = message.zero();
  model.losing = message.losing();
  model.gini = message.gini();
  model.basis = message.basis();
  if (message.has_window_days()) model.window_days = message.window_days();
  model.a = message.a_share();
  model.b = message.b_share();
  if (message.has_d_beyond_share()) model.d_beyond = message.d_beyond_share();
  return model;
}

void Fill(const LifeCycleModel& model, v1::SchemeModels::LifeCycle* message) {
  FillDate(model.fitted_as_of, message->mutable_fitted_as_of());
  message->set_gap_days(model.gap_days);
  message->mutable_days()->Add(model.days.begin(), model.days.end());
  message->set_opened(model.opened);
  message->set_closed(model.closed);
  message->set_rule(EscapeNonUtf8(model.rule));
  message->mutable_quantiles()->Add(model.quantiles.begin(), model.quantiles.end());
}

absl::StatusOr<LifeCycleModel> Read(const v1::SchemeModels::LifeCycle& message) {
  LifeCycleModel model;
  STRATA_ASSIGN_OR_RETURN(model.fitted_as_of,
                          ReadFittedDate(message.fitted_as_of(), "schemes.life_cycle.fitted_as_of"));
  model.gap_days = message.gap_days();
  model.opened = message.opened();
  model.closed = message.closed();
  model.rule = message.rule();
  STRATA_RETURN_IF_ERROR(ReadThree(message.days(), "schemes.life_cycle.days", &model.days));
  STRATA_RETURN_IF_ERROR(ReadThree(message.quantiles(), "schemes.life_cycle.quantiles", &model.quantiles));
  return model;
}

}  // namespace

void FillSchemes(const SchemeModels& models, v1::SchemeModels* message) {
  static_assert(kMeasures.size() == std::tuple_size_v<decltype(SchemeModels::levels)>);
  if (models.value.has_value()) Fill(*models.value, message->mutable_value());
  if (models.life_cycle.has_value()) Fill(*models.life_cycle, message->mutable_life_cycle());
  for (size_t i = 0; i < kMeasures.size(); ++i) {
    if (!models.levels.at(i).has_value()) continue;
    v1::SchemeModels::Level* level = message->add_levels();
    level->set_measure(std::string(kMeasures.at(i)));
    level->mutable_cuts()->Add(models.levels.at(i)->cuts.begin(), models.levels.at(i)->cuts.end());
  }
}

absl::StatusOr<SchemeModels> ReadSchemes(const v1::SchemeModels& message) {
  SchemeModels models;
  if (message.has_value()) {
    STRATA_ASSIGN_OR_RETURN(models.value, Read(message.value()));
  }
  if (message.has_life_cycle()) {
    STRATA_ASSIGN_OR_RETURN(models.life_cycle, Read(message.life_cycle()));
  }
  for (const v1::SchemeModels::Level& level : message.levels()) {
    const auto* const found = std::find(kMeasures.begin(), kMeasures.end(), level.measure());
    if (found == kMeasures.end() || (level.cuts_size() != 0 && level.cuts_size() != 2)) {
      return AnswerInvalid("schemes.levels", fmt::format("'{}' with {} cuts", level.measure(), level.cuts_size()));
    }
    models.levels.at(static_cast<size_t>(found - kMeasures.begin())).emplace().cuts = {level.cuts().begin(),
                                                                                       level.cuts().end()};
  }
  return models;
}

}  // namespace strata
