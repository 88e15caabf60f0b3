// What a night's churn fit gives: plain values, complete enough to score and explain any customer and to tell a person
// how good the scores are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/churn/calibration.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_reason.h"
#include "model/churn/logistic_column.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/trees/ensemble.h"

namespace strata {

enum class Grade : uint8_t { kNone = 0, kA = 1, kB = 2, kC = 3, kD = 4 };

struct Baseline {
  std::string name;
  double auc = 0;
  std::optional<double> log_loss;           // only where the baseline gives probabilities
  std::optional<double> average_precision;  // of rankings
  double threshold = 0;                     // of a tuned rule: days, or gaps; 0: a ranking
  bool operator==(const Baseline&) const = default;
};

enum class ChurnAlgorithm : uint8_t {
  kLogistic = 0,
  kTrees = 1,
  kLifetime = 2,  // the history is too thin for either: the lifetime model's P(no purchase in the horizon) answers
};

// A bin of equal counts of the test, by probability.
struct CalibrationBin {
  int64_t rows = 0, churned = 0;
  double predicted = 0;      // mean
  double low = 0, high = 0;  // 95 % interval of the realised share (Wilson 1927)
  bool operator==(const CalibrationBin&) const = default;
};

// A tenth of the test, the greatest margins first.
struct LiftDecile {
  int64_t rows = 0, churned = 0;
  double lift = 0;  // its churn rate over that of all
  double gain = 0;  // share of all churned in this and the deciles before
  bool operator==(const LiftDecile&) const = default;
};

// What the history had to have for the fit, and what it had.
struct SufficiencyLine {
  std::string rule;  // "customers at risk", "churned", "history days", "missing: <feature>", ...
  double found = 0, needed = 0;
  bool met = true;
  std::string consequence;  // where not met, in words
  bool operator==(const SufficiencyLine&) const = default;
};

// What drives the model, over keyed training rows.
struct ChurnDriver {
  std::string feature, group;
  double gain = 0;          // sum over splits; logistic: 0
  double contribution = 0;  // mean |SHAP|, log-odds
  double single_auc = 0;    // of the feature alone, the better direction
  double missing = 0;       // share of rows
  bool operator==(const ChurnDriver&) const = default;
};

struct DependencePoint {  // the mean prediction with the feature set to the bin (Friedman 2001)
  std::string feature;
  double from = 0, to = 0;  // in the feature's unit
  std::string level;        // of a category
  double margin = 0, probability = 0;
  bool operator==(const DependencePoint&) const = default;
};

struct ChurnModel {  // P(lost in the horizon after the night's date) for customers at risk
  bool fitted = false;
  std::string reason;  // why not; customers then have no churn probability, or the lifetime model's (algorithm)
  ChurnAlgorithm algorithm = ChurnAlgorithm::kLogistic;
  int horizon_days = 90;
  int eligible_days = 180;  // at risk: at least one purchase day in the last eligible_days before the cutoff
  // Columns of the logistic model.
  std::vector<std::string> features;
  std::vector<double> mean;          // standardisation, over the rows of the served fit
  std::vector<double> deviation;     // 1 where constant
  std::vector<double> coefficients;  // per standardised feature
  double intercept = 0;
  int64_t rows = 0;     // rows of the served fit (all cutoffs with known labels)
  int64_t churned = 0;  // of these, lost in the horizon
  // Quality on the temporal hold-out: fitted on labels known at test_cutoff, measured on (test_cutoff, as_of].
  Day train_cutoff = 0;
  Day test_cutoff = 0;
  int64_t holdout_rows = 0;
  int64_t holdout_churned = 0;
  double auc = 0, log_loss = 0, brier = 0, calibration_error = 0;  // 15 equal-count bins
  std::vector<Baseline> baselines;
  std::string best_baseline;
  double auc_gain = 0, auc_gain_low = 0, auc_gain_high = 0;  // to the best baseline; 95 % paired bootstrap
  Grade grade = Grade::kNone;                                // kNone: not graded, grade_reason says why
  std::string grade_reason;
  double average_precision = 0;
  double calibration_error_perfect = 0;  // what calibration_error would be on average were every probability right
  bool temporal = true;                  // false: graded by keyed folds, as the label has no date

  ChurnPlan plan;
  std::optional<Ensemble> ensemble;     // trees
  std::vector<LogisticColumn> columns;  // logistic: what mean, deviation, coefficients are of
  std::vector<double> medians;          // by feature of the plan, in its unit, over training rows; categories: 0
  Calibration calibration;              // of the served fit
  LifetimeParameters lifetime;          // as of fitted_as_of, of the features that read it
  double time_unit_days = 7;            // of `lifetime`
  int32_t lifetime_T_max_days = 0;      // age of the oldest customer of `lifetime`
  double lifetime_customers = 0;        // of the fit of `lifetime`; 0: there is none
  Day fitted_as_of = 0;                 // an earlier night's where the model is kept
  std::vector<Day> cutoffs;             // of the served fit's rows, newest first
  ReasonsFor reasons_for = ReasonsFor::kBands;
  double band_low = 0.33, band_high = 0.66;  // low risk below band_low, high from band_high on
  std::vector<CalibrationBin> reliability;
  std::vector<LiftDecile> lift;
  std::vector<ChurnDriver> drivers;  // the strongest first
  std::vector<DependencePoint> dependence;
  std::vector<SufficiencyLine> sufficiency;
  std::vector<std::string> warnings;
};

const char* Name(Grade grade);               // "" for kNone
const char* Name(ChurnAlgorithm algorithm);  // "logistic", "gbdt", "lifetime"

}  // namespace strata
