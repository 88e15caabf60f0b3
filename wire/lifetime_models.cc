#include "wire/lifetime_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "strata/v1/models.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::LIFETIME_GRADE_A == static_cast<int>(Grade::kA) &&
              v1::LifetimeGrade_MAX == static_cast<int>(Grade::kD));

using Parameters = v1::LifetimeModel::Parameters;
using SpendParameters = v1::SpendModel::Parameters;

constexpr std::array<const char*, 5> kStates = {"running", "converged", "ridge", "stalled", "out_of_iterations"};
constexpr std::array<const char*, 4> kActsOn = {"", "rate", "dropout", "strength"};

void SetNamed(const std::string& name, double value, Parameters* message) {
  const auto* field = Parameters::descriptor()->FindFieldByName(name);
  if (field != nullptr) Parameters::GetReflection()->SetDouble(message, field, value);
}

void SetNamed(const std::string& name, double value, SpendParameters* message) {
  const auto* field = SpendParameters::descriptor()->FindFieldByName(name);
  if (field != nullptr) SpendParameters::GetReflection()->SetDouble(message, field, value);
}

void FillTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>* field) {
  for (const std::string& text : texts) *field->Add() = EscapeNonUtf8(text);
}

void FillParameter(const ParameterEstimate& estimate, const std::string& unit, v1::ModelParameter* message) {
  message->set_name(EscapeNonUtf8(estimate.name));
  if (estimate.estimate.has_value()) message->set_estimate(*estimate.estimate);
  if (estimate.standard_error.has_value()) message->set_standard_error(*estimate.standard_error);
  if (estimate.low.has_value()) message->set_low(*estimate.low);
  if (estimate.high.has_value()) message->set_high(*estimate.high);
  message->set_unit(unit);
  message->set_words(EscapeNonUtf8(estimate.words));
  message->set_interval_by(estimate.by);
}

ParameterEstimate ReadParameter(const v1::ModelParameter& message) {
  ParameterEstimate estimate{.name = message.name(), .by = message.interval_by(), .words = message.words()};
  if (message.has_estimate()) estimate.estimate = message.estimate();
  if (message.has_standard_error()) estimate.standard_error = message.standard_error();
  if (message.has_low()) estimate.low = message.low();
  if (message.has_high()) estimate.high = message.high();
  return estimate;
}

// Of a parameter of a kind whose alpha and beta are in time.
bool IsTime(LifetimeKind kind, const std::string& name) {
  return kind != LifetimeKind::kBgBb && kind != LifetimeKind::kSbg && (name == "alpha" || name == "beta");
}

void FillCandidate(const CandidateLine& line, v1::LifetimeModel::Candidate* message) {
  message->set_model(Name(line.kind));
  message->set_k(line.k);
  message->set_takes_part(line.takes_part);
  if (line.log_likelihood != 0) message->set_log_likelihood(line.log_likelihood);
  if (line.takes_part) {
    message->set_log_probability(line.log_probability);
    message->set_gain(line.gain);
    message->set_gain_error(line.gain_error);
    if (!std::isnan(line.bias)) message->set_bias(line.bias);
  }
  message->set_chosen(line.chosen);
  message->set_words(EscapeNonUtf8(line.words));
}

void FillHoldout(const HoldoutJudgement& judgement, v1::LifetimeModel::Holdout* message) {
  FillDate(judgement.as_of, message->mutable_as_of());
  message->set_days(judgement.days);
  message->set_reason(EscapeNonUtf8(judgement.reason));
  message->set_customers(judgement.customers);
  message->set_actual(judgement.actual);
  message->set_expected(judgement.expected);
  for (const PredictionErrors& errors : judgement.errors) {
    v1::LifetimeModel::Errors* entry = message->add_errors();
    entry->set_name(errors.name);
    entry->set_mae(errors.mae);
    entry->set_rmse(errors.rmse);
    if (!std::isnan(errors.bias)) entry->set_bias(errors.bias);
    entry->set_log_probability(errors.log_probability);
  }
  message->set_interval_level(judgement.interval_level);
  message->set_interval_mass(judgement.interval_mass);
  message->set_covered(judgement.covered);
  message->set_grade(static_cast<v1::LifetimeGrade>(judgement.grade));
  message->set_grade_reason(EscapeNonUtf8(judgement.grade_reason));
}

void FillCovariates(const CovariateModel& model, v1::LifetimeModel* message) {
  if (model.fit.fitted) {
    const std::span<const char* const> names = ParameterNames(model.fit.base.kind);
    for (size_t i = 0; i < names.size(); ++i) {
      SetNamed(names[i], model.fit.base.value.at(i), message->mutable_covariate_base());
    }
  }
  for (const CovariateCoefficient& coefficient : model.coefficients) {
    v1::LifetimeModel::CovariateEffect* effect = message->add_covariates();
    effect->set_name(EscapeNonUtf8(coefficient.told.name));
    effect->set_acts_on(kActsOn.at(static_cast<size_t>(coefficient.on)));
    FillParameter(coefficient.told, "", effect->mutable_coefficient());
  }
}

void FillFit(const LifetimeFit& fit, double time_unit_days, v1::LifetimeModel* message) {
  message->set_fitted(fit.fitted);
  message->set_reason(EscapeNonUtf8(fit.reason));
  message->set_model(Name(fit.parameters.kind));
  message->set_asked_model(Name(fit.asked));
  message->set_k(fit.parameters.k);
  for (const ParameterEstimate& estimate : fit.estimates) {
    const std::string unit = IsTime(fit.asked, estimate.name) ? TimeUnitWords(time_unit_days) : "";
    FillParameter(estimate, unit, message->add_named());
    if (estimate.estimate.has_value()) SetNamed(estimate.name, *estimate.estimate, message->mutable_parameters());
    if (estimate.standard_error.has_value()) {
      SetNamed(estimate.name, *estimate.standard_error, message->mutable_standard_errors());
    }
  }
  for (const ParameterEstimate& estimate : fit.determined) FillParameter(estimate, "", message->add_determined());
  message->set_log_likelihood(fit.log_likelihood);
  message->set_log_posterior(fit.log_posterior);
  message->set_customers(std::llround(fit.customers));
  message->set_unique_rows(static_cast<int64_t>(fit.unique_rows));
  message->set_identified(fit.identified);
  message->set_boundary(fit.boundary);
  message->set_search_state(kStates.at(static_cast<size_t>(fit.state)));
  message->set_iterations(fit.evaluations);
  message->set_gradient_norm(fit.gradient_norm);
  message->set_condition(fit.condition);
  message->set_smallest_eigenvalue(fit.smallest_eigenvalue);
}

absl::StatusOr<LifetimeKind> ReadKind(const std::string& name, std::string_view field) {
  const std::optional<LifetimeKind> kind = LifetimeKindOf(name);
  if (kind.has_value()) return *kind;
  return AnswerInvalid(field, fmt::format("'{}' is no lifetime model this program knows", name));
}

absl::StatusOr<Day> ReadModelDate(const google::type::Date& date, std::string_view field) {
  const auto day = ReadDate(date, field);
  if (!day.ok()) return AnswerInvalid(field, StdView(day.status().message()));
  return *day;
}

absl::StatusOr<LifetimeFit> ReadFit(const v1::LifetimeModel& message) {
  LifetimeFit fit{.fitted = message.fitted(), .reason = message.reason()};
  STRATA_ASSIGN_OR_RETURN(fit.parameters.kind, ReadKind(message.model(), "lifetime.model"));
  STRATA_ASSIGN_OR_RETURN(fit.asked, ReadKind(message.asked_model(), "lifetime.asked_model"));
  fit.parameters.k = message.k();
  for (const v1::ModelParameter& named : message.named()) fit.estimates.push_back(ReadParameter(named));
  for (const v1::ModelParameter& named : message.determined()) fit.determined.push_back(ReadParameter(named));
  const std::span<const char* const> names = ParameterNames(fit.parameters.kind);
  for (size_t i = 0; i < names.size(); ++i) {
    for (const ParameterEstimate& estimate : fit.estimates) {
      if (estimate.name == names[i]) fit.parameters.value.at(i) = estimate.estimate.value_or(0);
    }
  }
  fit.log_likelihood = message.log_likelihood();
  fit.log_posterior = message.log_posterior();
  fit.customers = static_cast<double>(message.customers());
  fit.unique_rows = static_cast<size_t>(message.unique_rows());
  fit.identified = message.identified();
  fit.boundary = message.boundary();
  fit.warnings = {message.warnings().begin(), message.warnings().end()};
  const auto* state = std::find(kStates.begin(), kStates.end(), message.search_state());
  if (state == kStates.end()) {
    return AnswerInvalid("lifetime.search_state", fmt::format("'{}' is no state", message.search_state()));
  }
  fit.state = static_cast<MaximiserState>(state - kStates.begin());
  fit.evaluations = message.iterations();
  fit.gradient_norm = message.gradient_norm();
  fit.condition = message.condition();
  fit.smallest_eigenvalue = message.smallest_eigenvalue();
  return fit;
}

absl::StatusOr<CandidateLine> ReadCandidate(const v1::LifetimeModel::Candidate& message) {
  CandidateLine line{.k = message.k(),
                     .takes_part = message.takes_part(),
                     .log_likelihood = message.log_likelihood(),
                     .log_probability = message.log_probability(),
                     .gain = message.gain(),
                     .gain_error = message.gain_error(),
                     .bias = message.has_bias() || !message.takes_part() ? message.bias() : std::nan(""),
                     .chosen = message.chosen(),
                     .words = message.words()};
  STRATA_ASSIGN_OR_RETURN(line.kind, ReadKind(message.model(), "lifetime.candidates.model"));
  return line;
}

absl::StatusOr<HoldoutJudgement> ReadHoldout(const v1::LifetimeModel::Holdout& message) {
  HoldoutJudgement judgement{.days = message.days(),
                             .reason = message.reason(),
                             .customers = message.customers(),
                             .actual = message.actual(),
                             .expected = message.expected(),
                             .interval_level = message.interval_level(),
                             .interval_mass = message.interval_mass(),
                             .covered = message.covered(),
                             .grade_reason = message.grade_reason()};
  STRATA_ASSIGN_OR_RETURN(judgement.as_of, ReadModelDate(message.as_of(), "lifetime.holdout.as_of"));
  for (const v1::LifetimeModel::Errors& entry : message.errors()) {
    judgement.errors.push_back({.name = entry.name(),
                                .mae = entry.mae(),
                                .rmse = entry.rmse(),
                                .bias = entry.has_bias() ? entry.bias() : std::nan(""),
                                .log_probability = entry.log_probability()});
  }
  if (!v1::LifetimeGrade_IsValid(message.grade())) {
    return AnswerInvalid("lifetime.holdout.grade",
                         fmt::format("{} is no grade this program knows", static_cast<int>(message.grade())));
  }
  judgement.grade = static_cast<Grade>(message.grade());
  return judgement;
}

// Traits come by the name that people read, as levels of no column.
absl::StatusOr<CovariateModel> ReadCovariates(const v1::LifetimeModel& message) {
  CovariateModel model;
  model.fit.fitted = message.has_covariate_base();
  for (const v1::LifetimeModel::CovariateEffect& effect : message.covariates()) {
    const auto* on = std::find(kActsOn.begin() + 1, kActsOn.end(), effect.acts_on());
    if (on == kActsOn.end()) {
      return AnswerInvalid("lifetime.covariates.acts_on", fmt::format("'{}' is nothing to act on", effect.acts_on()));
    }
    CovariateCoefficient& coefficient = model.coefficients.emplace_back();
    coefficient.on = static_cast<CovariateCoefficient::On>(on - kActsOn.begin());
    coefficient.told = ReadParameter(effect.coefficient());
    coefficient.told.name = effect.name();
  }
  return model;
}

}  // namespace

std::string TimeUnitWords(double time_unit_days) {
  if (time_unit_days == 1) return "days";
  if (time_unit_days == 7) return "weeks";
  if (std::fabs(time_unit_days - 30.44) < 0.5) return "months";
  if (std::fabs(time_unit_days - 91.31) < 0.5) return "quarters";
  if (std::fabs(time_unit_days - 365.25) < 0.5) return "years";
  return fmt::format("units of {} days", time_unit_days);
}

void FillLifetime(const LifetimeModel& model, v1::LifetimeModel* message) {
  message->set_time_unit_days(model.time_unit_days);
  FillFit(model.fit, model.time_unit_days, message);
  FillTexts(model.fit.warnings, message->mutable_warnings());
  for (const std::string& warning : model.warnings) {  // what the night has to say beside the fit
    const auto& said = model.fit.warnings;
    if (std::find(said.begin(), said.end(), warning) == said.end()) message->add_warnings(EscapeNonUtf8(warning));
  }
  if (model.fitted_as_of != 0) FillDate(model.fitted_as_of, message->mutable_fitted_as_of());
  if (model.chosen_as_of != 0) FillDate(model.chosen_as_of, message->mutable_chosen_as_of());
  for (const CandidateLine& line : model.candidates) FillCandidate(line, message->add_candidates());
  if (model.holdout.has_value()) FillHoldout(*model.holdout, message->mutable_holdout());
  if (model.covariates.has_value()) FillCovariates(*model.covariates, message);
  if (model.merged_share.has_value()) message->set_merged_share(*model.merged_share);
  message->set_merged_is_bound(model.merged_is_bound);
  if (model.margin.asked) {
    message->set_margin_factor(model.margin.factor);
    message->set_margin_words(EscapeNonUtf8(model.margin.reason.empty() ? model.margin.basis : model.margin.reason));
  }
  if (model.interval_level > 0) message->set_interval(model.interval_level);
  message->set_refit(model.refit);
  message->set_refit_reason(EscapeNonUtf8(model.refit_reason));
  message->set_bootstraps(static_cast<int32_t>(model.bootstrap.size()));
}

absl::StatusOr<LifetimeModel> ReadLifetime(const v1::LifetimeModel& message) {
  LifetimeModel model;
  model.time_unit_days = message.time_unit_days();
  STRATA_ASSIGN_OR_RETURN(model.fit, ReadFit(message));
  if (message.has_fitted_as_of()) {
    STRATA_ASSIGN_OR_RETURN(model.fitted_as_of, ReadModelDate(message.fitted_as_of(), "lifetime.fitted_as_of"));
  }
  if (message.has_chosen_as_of()) {
    STRATA_ASSIGN_OR_RETURN(model.chosen_as_of, ReadModelDate(message.chosen_as_of(), "lifetime.chosen_as_of"));
  }
  for (const v1::LifetimeModel::Candidate& candidate : message.candidates()) {
    STRATA_ASSIGN_OR_RETURN(CandidateLine line, ReadCandidate(candidate));
    model.candidates.push_back(std::move(line));
  }
  if (message.has_holdout()) {
    STRATA_ASSIGN_OR_RETURN(model.holdout, ReadHoldout(message.holdout()));
  }
  if (message.has_covariate_base() || !message.covariates().empty()) {
    STRATA_ASSIGN_OR_RETURN(model.covariates, ReadCovariates(message));
  }
  if (message.has_merged_share()) model.merged_share = message.merged_share();
  model.merged_is_bound = message.merged_is_bound();
  if (message.has_margin_factor()) {
    model.margin.asked = true;
    model.margin.factor = message.margin_factor();
    model.margin.basis = message.margin_words();
  }
  model.interval_level = message.interval();
  model.refit = message.refit();
  model.refit_reason = message.refit_reason();
  return model;
}

void FillSpend(const SpendModel& model, v1::SpendModel* message) {
  message->set_fitted(model.fitted);
  message->set_reason(EscapeNonUtf8(model.reason));
  if (model.fitted && model.estimates.empty()) {
    SpendParameters* parameters = message->mutable_parameters();
    parameters->set_p(model.p);
    parameters->set_q(model.q);
    parameters->set_v(model.v);
  }
  if (model.has_standard_errors && model.estimates.empty()) {
    SpendParameters* errors = message->mutable_standard_errors();
    errors->set_p(model.standard_errors[0]);
    errors->set_q(model.standard_errors[1]);
    errors->set_v(model.standard_errors[2]);
  }
  for (const ParameterEstimate& estimate : model.estimates) {
    FillParameter(estimate, estimate.name == "v" ? "currency" : "", message->add_named());
    if (estimate.estimate.has_value()) SetNamed(estimate.name, *estimate.estimate, message->mutable_parameters());
    if (estimate.standard_error.has_value()) {
      SetNamed(estimate.name, *estimate.standard_error, message->mutable_standard_errors());
    }
  }
  message->set_log_likelihood(model.log_likelihood);
  message->set_customers(model.customers);
  message->set_left_out_not_positive(model.left_out_not_positive);
  message->set_population_mean(model.population_mean);
  message->set_iterations(model.iterations);
  FillTexts(model.warnings, message->mutable_warnings());
  if (model.correlation.has_value()) message->set_correlation(*model.correlation);
  if (model.population_median.has_value()) message->set_population_median(*model.population_median);
  message->set_identified(model.identified);
  message->set_boundary(model.boundary);
}

SpendModel ReadSpend(const v1::SpendModel& message) {
  SpendModel model{.fitted = message.fitted(),
                   .reason = message.reason(),
                   .log_likelihood = message.log_likelihood(),
                   .customers = message.customers(),
                   .left_out_not_positive = message.left_out_not_positive(),
                   .population_mean = message.population_mean(),
                   .iterations = message.iterations(),
                   .warnings = {message.warnings().begin(), message.warnings().end()},
                   .identified = message.identified(),
                   .boundary = message.boundary()};
  model.p = message.parameters().p();
  model.q = message.parameters().q();
  model.v = message.parameters().v();
  const SpendParameters& errors = message.standard_errors();
  model.standard_errors = {errors.p(), errors.q(), errors.v()};
  model.has_standard_errors = message.has_standard_errors();
  for (const v1::ModelParameter& named : message.named()) model.estimates.push_back(ReadParameter(named));
  if (message.has_correlation()) model.correlation = message.correlation();
  if (message.has_population_median()) model.population_median = message.population_median();
  return model;
}

}  // namespace strata
