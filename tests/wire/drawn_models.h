// Random lifetime and spend models, with what of them is sent.
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "model/fitted_models.h"
#include "tests/wire/drawn_values.h"

namespace strata {

inline ParameterEstimate DrawEstimate(Draw* draw, const std::string& name) {
  const auto maybe = [draw] { return draw->Coin() ? std::optional(draw->Double()) : std::nullopt; };
  return {.name = name,
          .estimate = maybe(),
          .standard_error = maybe(),
          .low = maybe(),
          .high = maybe(),
          .by = draw->Coin() ? "profile" : "",
          .words = draw->Text()};
}

inline HoldoutJudgement DrawJudgement(Draw* draw) {
  HoldoutJudgement judgement{.as_of = draw->AnyDay(),
                             .days = static_cast<int>(draw->Int(1, 900)),
                             .reason = draw->Text(),
                             .customers = draw->Int(0, 1000),
                             .actual = draw->Int(0, 1000),
                             .expected = draw->Double(),
                             .interval_level = draw->Double(),
                             .interval_mass = draw->Double(),
                             .covered = draw->Int(0, 1000),
                             .grade = static_cast<Grade>(draw->Int(0, 4)),
                             .grade_reason = draw->Text()};
  for (int64_t n = draw->Int(0, 3); n > 0; --n) {
    judgement.errors.push_back({.name = draw->Text(),
                                .mae = draw->Double(),
                                .rmse = draw->Double(),
                                .bias = draw->DoubleOrAbsent(),
                                .log_probability = draw->Double()});
  }
  return judgement;
}

inline LifetimeFit DrawFit(Draw* draw) {
  const auto kind = [draw] { return static_cast<LifetimeKind>(draw->Int(1, 8)); };
  LifetimeFit fit{.fitted = draw->Coin(), .reason = draw->Text(), .asked = kind()};
  fit.parameters.kind = kind();
  fit.parameters.k = static_cast<int>(draw->Int(1, 12));
  const auto names = ParameterNames(fit.parameters.kind);
  for (size_t i = 0; i < names.size(); ++i) {
    fit.estimates.push_back(DrawEstimate(draw, names[i]));
    fit.parameters.value.at(i) = fit.estimates.back().estimate.value_or(0);
  }
  if (draw->Coin()) fit.determined.push_back(DrawEstimate(draw, "r / alpha"));
  fit.log_likelihood = draw->Double();
  fit.log_posterior = draw->Double();
  fit.customers = static_cast<double>(draw->Int(0, 1'000'000));
  fit.unique_rows = static_cast<size_t>(draw->Int(0, 1'000'000));
  fit.identified = draw->Coin();
  fit.boundary = draw->Coin() ? "no_drop_out" : "";
  fit.warnings = draw->Texts(2);
  fit.state = static_cast<MaximiserState>(draw->Int(0, 4));
  fit.evaluations = static_cast<int>(draw->Int(0, 100));
  fit.gradient_norm = draw->Double();
  fit.condition = draw->Double();
  fit.smallest_eigenvalue = draw->Double();
  return fit;
}

inline LifetimeModel DrawLifetime(Draw* draw) {
  LifetimeModel model{.time_unit_days = draw->Double()};
  model.fit = DrawFit(draw);
  if (draw->Coin()) model.fitted_as_of = draw->AnyDay();
  if (draw->Coin()) model.chosen_as_of = draw->AnyDay();
  model.refit = draw->Coin();
  model.refit_reason = draw->Text();
  model.interval_level = draw->Coin() ? 0.9 : 0;
  for (int64_t n = draw->Int(0, 3); n > 0; --n) {
    CandidateLine line{.kind = static_cast<LifetimeKind>(draw->Int(1, 6)),
                       .k = static_cast<int>(draw->Int(1, 12)),
                       .takes_part = draw->Coin(),
                       .log_likelihood = draw->Double(),
                       .chosen = draw->Coin(),
                       .words = draw->Text()};
    if (line.takes_part) {
      line.log_probability = draw->Double();
      line.gain = draw->Double();
      line.gain_error = draw->Double();
      line.bias = draw->Double();
    }
    model.candidates.push_back(line);
  }
  if (draw->Coin()) model.holdout = DrawJudgement(draw);
  if (draw->Coin()) model.merged_share = draw->Double();
  model.merged_is_bound = draw->Coin();
  if (draw->Coin()) model.margin = {.asked = true, .factor = draw->Double(), .basis = draw->Text()};
  return model;
}

inline SpendModel DrawSpend(Draw* draw) {
  SpendModel model{.fitted = draw->Coin(), .reason = draw->Text()};
  if (draw->Coin()) {
    for (const auto& [name, value] : {std::pair("p", &model.p), std::pair("q", &model.q), std::pair("v", &model.v)}) {
      model.estimates.push_back(DrawEstimate(draw, name));
      model.estimates.back().standard_error.reset();
      *value = model.estimates.back().estimate.value_or(0);
    }
  } else if (model.fitted) {
    model.p = draw->Double();
    model.q = draw->Double();
    model.v = draw->Double();
    model.has_standard_errors = draw->Coin();
    if (model.has_standard_errors) model.standard_errors = {draw->Double(), draw->Double(), draw->Double()};
  }
  model.log_likelihood = draw->Double();
  model.customers = draw->Int(0, 1'000'000);
  model.left_out_not_positive = draw->Int(0, 1'000'000);
  model.population_mean = draw->Double();
  model.iterations = static_cast<int>(draw->Int(0, 100));
  model.warnings = draw->Texts(2);
  model.identified = draw->Coin();
  model.boundary = draw->Coin() ? "infinite_mean" : "";
  if (draw->Coin()) model.population_median = draw->Double();
  if (draw->Coin()) model.correlation = draw->Double();
  return model;
}

}  // namespace strata
