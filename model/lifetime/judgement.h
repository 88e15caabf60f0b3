// What a hold-out says of a lifetime model: it is fitted on what was known some time ago and asked what every customer
// has bought since. Plain values, stored with the model and complete for every report on it; model/lifetime/judge.h
// makes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

enum class Grade : uint8_t;  // model/fitted_models.h

// One of the models among which `model: auto` chose, on what was known before the hold-out.
struct CandidateLine {
  LifetimeKind kind = LifetimeKind::kBgNbd;
  int k = 1;
  bool takes_part = false;     // fitted, and not as a simpler candidate
  double log_likelihood = 0;   // before the hold-out; 0: not fitted
  double log_probability = 0;  // sum over customers of ln P(count in the hold-out | history)
  double gain = 0;             // of the former over the model chosen so far
  double gain_error = 0;
  double bias = 0;  // expected over actual purchases of the hold-out, less 1; NaN: there were none
  bool chosen = false;
  std::string words;  // why it takes no part, or at which limit its parameters lie

  bool operator==(const CandidateLine&) const = default;
};

// Customers by their repeat purchases before the hold-out.
struct FrequencyBin {
  int32_t repeat_purchases = 0;  // the last bin: so many or more
  int64_t customers = 0;
  int64_t actual = 0;       // purchases in the hold-out
  double expected = 0;      // by the model
  double expected_nbd = 0;  // by NBD, as if nobody ever left; NaN: it could not be fitted

  bool operator==(const FrequencyBin&) const = default;
};

// Customers by the predicted probability of at least one purchase in the hold-out: bins of equal width.
struct ReliabilityBin {
  int64_t customers = 0;
  double predicted = 0;  // sum of probabilities
  int64_t actual = 0;    // customers with a purchase

  bool operator==(const ReliabilityBin&) const = default;
};

// How far a way of predicting purchases was off, per customer.
struct PredictionErrors {
  std::string name;            // "model", "historic_average", "last_period_repeats"
  double mae = 0;              // mean absolute error, purchases
  double rmse = 0;             // root mean squared error
  double bias = 0;             // sum of predictions over actual purchases, less 1; NaN: nobody bought anything
  double log_probability = 0;  // mean over customers of ln P(count)

  bool operator==(const PredictionErrors&) const = default;
};

// Gamma-Gamma on what was known before the hold-out: what decile and coverage reports predict spend by.
struct HoldoutSpend {
  bool fitted = false;
  double p = 0, q = 0, v = 0;  // v in units of the job's currency
  double population_mean = 0;  // of spend on a purchase day; when not fitted, of repeat buyers' own positive means

  bool operator==(const HoldoutSpend&) const = default;
};

struct HoldoutJudgement {
  Day as_of = 0;  // the last day before the hold-out, which is (as_of, as_of + days]
  int days = 0;
  std::string reason;             // why nothing was judged; empty: it was. Then all below is there
  LifetimeParameters parameters;  // of the fit on what was known at `as_of`; times in the model's time unit
  HoldoutSpend spend;
  int64_t customers = 0;  // with a purchase at or before as_of
  int64_t actual = 0;     // purchase days of theirs in the hold-out
  double expected = 0;
  std::vector<PredictionErrors> errors;  // the model, then its baselines
  std::vector<FrequencyBin> bins;
  std::vector<ReliabilityBin> reliability;
  // Predictive intervals of counts at this level: the mean of the probabilities inside, and who was inside.
  double interval_level = 0.9;
  double interval_mass = 0;
  int64_t covered = 0;
  Grade grade{};             // kNone: not graded
  std::string grade_reason;  // the rule as it fell out, one sentence

  bool operator==(const HoldoutJudgement&) const = default;
};

}  // namespace strata
