// What a job asks of its churn model (docs/churn.md). Plain values; thread-safe. run/job_churn.h reads and checks them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"

namespace strata {

// Who is lost is what a column of the customers table says: "customers.status" is `positive`.
struct ChurnLabel {
  std::string column, positive;
  std::optional<Day> as_of;  // the day that an undated label is of; absent: the run's date
  std::string as_of_column;  // a column of dates: since when the label holds; empty: undated, or by valid_from

  bool operator==(const ChurnLabel&) const = default;
};

// Columns of dates of the customers table: who is lost is whose contract ends.
struct ChurnContract {
  std::string start, end;

  bool operator==(const ChurnContract&) const = default;
};

// What can be done about customers at risk, and what it is thought to save. Shares are millionths.
struct ChurnAction {
  std::string name, campaign;        // campaign: of the campaigns table, whose hold-out measures; empty: none does
  std::vector<int> bands;            // 0 low, 1 medium, 2 high
  std::optional<int64_t> save_rate;  // assumed; absent: measured, or nothing is called saved
  int64_t cost_micros = 0;           // per customer

  bool operator==(const ChurnAction&) const = default;
};

struct ChurnSettings {
  bool trees = false;  // algorithm: gbdt; else logistic
  int horizon_days = 90;
  int eligible_days = 180;  // default 2 * horizon_days
  std::optional<ChurnLabel> label;
  std::optional<ChurnContract> contract;
  std::optional<int> cutoffs;                              // 1..6; absent: auto, by the size of the history
  std::vector<std::string> features;                       // empty: all that the job has the data for
  std::vector<std::string> fixed_columns;                  // `static`: attributes whose versions are ignored
  std::map<std::string, std::vector<std::string>> groups;  // reason group → features
  std::map<std::string, int> monotone;                     // feature → +1 up, -1 down; trees
  std::optional<int64_t> train_rows = 262'144;             // of the gathered sample; absent: all
  int trees_max = 200, leaves = 31, bins = 255, min_rows = 20;
  double learning_rate = 0.1, min_hessian = 1e-3;
  double lambda = 1, alpha = 0;  // L2 of leaves and coefficients; L1 of leaves
  double l1_ratio = 0;           // of lambda, logistic: 0 is ridge, 1 is lasso
  double row_share = 1, feature_share = 1;
  std::optional<int> early_stopping = 20;           // trees without a lesser validation loss; absent: none
  int64_t band_low = 330'000, band_high = 660'000;  // millionths
  enum class Reasons : uint8_t { kBands, kAll, kNone };
  Reasons reasons = Reasons::kBands;
  bool refit_nightly = true, refit_frozen = false, refit_drift = true;
  std::optional<int> refit_days;
  std::vector<ChurnAction> actions;
  int list = 1000;

  bool operator==(const ChurnSettings&) const = default;
};

// From so many accepted rows up to the run's date on one training cutoff has enough customers.
inline constexpr int64_t kOneCutoffRows = 1'000'000;
inline constexpr int kAutoCutoffs = 3;

// Training cutoffs of a fit, each a horizon before the next: what the job says; else kAutoCutoffs, or one where there
// are `rows` enough, and in any case no more than the history has: half of eligible_days before the oldest cutoff of
// the graded fit, which is a horizon further back. One at least. `first_day`: of the first accepted row; absent: none.
int ChurnCutoffs(const ChurnSettings& settings, Day as_of, std::optional<Day> first_day, int64_t rows);

}  // namespace strata
