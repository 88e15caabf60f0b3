// Judges a lifetime model by a hold-out: what it expected of every customer, from what was known before, against what
// they did. Two naive predictions stand beside it:
//   historic_average     x / T purchases a day, as before
//   last_period_repeats  as many purchase days as in the period of the same length before the hold-out
// A naive prediction gives a count its probability by what it knows: n purchases in an exposure of e days, a Poisson
// rate of which nothing else is known (Jeffreys's prior), so the count of h days is negative binomial with shape n +
// 1/2 and success probability e / (e + h); e is T (at least a day), or h.
//
// Pure functions of their arguments, thread-safe, deterministic on any number of threads and for any order of rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/fitted_models.h"
#include "model/lifetime/choose_model.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/holdout_table.h"
#include "model/lifetime/judgement.h"

namespace strata {

// Grades by bias and errors. kGradeRule says the same in words, and a test holds them together.
inline constexpr double kGradeABias = 0.05;
inline constexpr double kGradeACoverage = 0.01;  // covered share against predictive mass
inline constexpr const char* kGradeRule =
    "A: total off by at most 5 %, smaller root mean squared error and higher probability of the counts than both naive "
    "predictions, and the intervals cover what they claim within 1 point. B: total off by at most 10 %, smaller error "
    "than both. C: smaller error than one of them, or than both with a total that is off by more than 10 %. D: no "
    "better than guessing that the past repeats.";

inline constexpr int kFrequencyBins = 8;     // 0 to 6 repeat purchases, 7 or more
inline constexpr int kReliabilityBins = 20;  // of equal width
// By the level where a job asks for no intervals.
inline constexpr double kJudgedLevel = 0.9;

struct JudgeRules {
  double time_unit_days = 7;
  Day as_of = 0;  // the last day before the hold-out
  int days = 0;   // of the hold-out, > 0
  double interval_level = kJudgedLevel;
};

// `before` is fitted on what was known at rules.as_of, on the same customers. `spend` of the result is left to whoever
// fits it. A model that was not fitted, a kind that does not count days, or no customers: `reason` says so.
HoldoutJudgement JudgeHoldout(std::span<const HoldoutRow> rows, const LifetimeFit& before, const JudgeRules& rules);

HoldoutSpend HoldoutSpendOf(const SpendModel& spend);
std::vector<CandidateLine> CandidateLinesOf(const Choice& choice);

struct GradeGiven {
  Grade grade = Grade::kNone;
  std::string reason;
};
// By what else is in the judgement.
GradeGiven GradeOf(const HoldoutJudgement& judgement);

}  // namespace strata
