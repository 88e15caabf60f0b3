// Scores customers by a fitted churn model: who is at risk, their margins (which rank them) and their calibrated
// probabilities. Integers up to the margin, so equal bits on any machine and at every width of registers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/churn/calibration.h"
#include "model/churn/churn_model.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_rows.h"
#include "model/churn/logistic_column.h"
#include "model/churn/logistic_regression.h"
#include "model/kernels/kernels.h"
#include "model/trees/ensemble.h"
#include "model/trees/leaf_masks.h"

namespace strata {

// What a score is made from; travels in the rounds of the grade.
struct ChurnScoring {
  ChurnPlan plan;
  std::optional<Ensemble> ensemble;     // else the logistic model
  std::vector<LogisticColumn> columns;  // of `logistic`
  std::vector<double> medians;          // by feature of the plan
  LogisticModel logistic;
  Calibration calibration;

  static ChurnScoring Of(const ChurnModel& model);  // Precondition: fitted
  void Encode(ByteWriter* writer) const;
  static ChurnScoring Decode(ByteReader* reader);
};

struct ChurnScores {            // of customers at risk
  std::vector<uint32_t> row;    // of the view's columns, ascending
  std::vector<int64_t> margin;  // units of 2^-kMarginGridBits
  std::vector<double> probability;
};

// Immutable once made; thread-safe.
class ChurnScorer {
 public:
  explicit ChurnScorer(ChurnScoring scoring);
  ChurnScorer(const ChurnScorer&) = delete;
  ChurnScorer& operator=(const ChurnScorer&) = delete;

  const ChurnPlan& plan() const { return scoring_.plan; }
  const Calibration& calibration() const { return scoring_.calibration; }

  // Bins of trees, column by column: feature j at j * rows.size(). Precondition: the model is one of trees.
  std::vector<uint8_t> Bins(const ChurnRows& rows) const;
  // Of rows that were made with plan().
  std::vector<int64_t> Margins(const ChurnRows& rows, const Kernels& kernels) const;

 private:
  ChurnScoring scoring_;
  std::vector<std::vector<uint8_t>> bin_tables_;  // by feature
  std::optional<LeafMasks> masks_;
};

// What a churn model says of today's customers, whichever way it answers: trees or the logistic model with the
// lifetime model's features, or the lifetime model alone where the history is too thin (its margin is the log-odds of
// its probability). Nobody where the model has no answer. Immutable; thread-safe: make one per model, not one per
// shard.
class ChurnAnswers {
 public:
  explicit ChurnAnswers(const ChurnModel& model);

  // FAILED_PRECONDITION where the profile lacks a column that the model reads.
  absl::StatusOr<ChurnScores> Of(const CustomerColumns& columns, const ColumnSet* profile,
                                 const Kernels& kernels) const;
  // The same, with the rows that were scored.
  absl::StatusOr<ChurnScores> Of(const CustomerColumns& columns, const ColumnSet* profile, const Kernels& kernels,
                                 ChurnRows* rows) const;
  const ChurnScorer* scorer() const { return scorer_.get(); }  // null: the lifetime model answers, or nobody

 private:
  ChurnPlan plan_;  // of who is at risk
  std::unique_ptr<const ChurnForecasts> forecasts_;
  std::unique_ptr<const ChurnScorer> scorer_;
  bool by_lifetime_ = false;
};

// The lifetime model of a churn model; absent: it has none.
std::optional<ChurnLifetime> LifetimeOf(const ChurnModel& model);

// P(churn) at the date of the columns by row; NaN where the model has no answer or the customer is not at risk. For a
// few customers: the model is made ready each time.
absl::StatusOr<std::vector<double>> ChurnProbabilities(const ChurnModel& model, const CustomerColumns& columns,
                                                       const ColumnSet* profile, const Kernels& kernels);

}  // namespace strata
