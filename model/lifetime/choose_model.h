// Which model of repeat buying suits a base: each is fitted on what was known some time ago, and judged by the
// probability that it gave to what every customer did since.
//
// In the order NBD, BG/NBD, MBG/NBD, Pareto/NBD, regular timing (the better of BG/CNBD-k and MBG/CNBD-k by its
// likelihood), a later model replaces the one chosen so far only if the sum over customers of the differences of ln
// P(count) exceeds two of its standard errors: with the hold-out's customers as pairs, V = n Var(difference). A model
// that was not fitted, or whose fit is one of a simpler candidate, takes no part and says so: without drop-out all are
// NBD. One with parameters at another limit (all customers alike, drop-out all or nothing) takes part with the
// parameters that scores would use, and says so too.
//
// Pure functions of their arguments, thread-safe, deterministic on any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/holdout_table.h"

namespace strata {

// Probabilities below this count as this much: one customer whom a model calls impossible must not decide alone.
inline constexpr double kCountProbabilityMin = 1e-300;
inline constexpr double kGainErrors = 2;
// Relative bias of the total of purchases beyond which the grade is at most C.
inline constexpr double kBiasMax = 0.1;

struct Candidate {
  LifetimeFit fit;  // on what was known before the hold-out
  bool takes_part = false;
  double log_probability = 0;  // sum over customers of ln P(y | history)
  double gain = 0;             // over the model chosen so far
  double gain_error = 0;
  double bias = 0;  // expected over actual purchases, less 1; NaN: there were none
  bool chosen = false;
  std::string words;  // why it takes no part, or at which limit its parameters lie; empty: nothing to say
};

struct Choice {
  std::vector<Candidate> candidates;  // in the order above
  std::optional<size_t> chosen;       // absent: no model could be fitted
  std::vector<std::string> warnings;
};

// `rows` in any order, rows of one history and y merged or not. `log_gaps` as in HistoryTable, of the time before the
// hold-out; absent: regular timing takes no part. `options` by kind, since priors are; empty: none. Preconditions:
// time_unit_days, holdout_days > 0.
Choice ChooseModel(std::span<const HoldoutRow> rows, std::optional<double> log_gaps, double time_unit_days,
                   int holdout_days, const std::function<FitOptions(LifetimeKind)>& options);

// ln P(y | x, t_x, T) of every row under a model, at least ln(kCountProbabilityMin).
std::vector<double> LogCountProbabilities(std::span<const HoldoutRow> rows, const LifetimeParameters& at,
                                          double time_unit_days, int holdout_days);

}  // namespace strata
