// What a night's churn model says of customers: probability, margin, band, value at risk and reasons. Every number
// follows from the models and the customer's own columns.
//
// Reasons are of whom the model asks them for (ChurnModel::reasons_for): from trees by their exact Shapley values
// (model/churn/shap.h), from the logistic model by coefficient * standardised value. The lifetime model, where it
// answers for a history that is too thin, gives none.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_scorer.h"
#include "model/churn/reasons.h"
#include "model/churn/shap.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/value.h"

namespace strata {

// Contributions of the logistic model, log-odds by feature of the plan * rows + i: with the intercept they sum to the
// margin. `which`: of rows, which were made with the model's plan.
std::vector<double> LogisticContributions(const ChurnModel& model, const ChurnRows& rows,
                                          std::span<const uint32_t> which, const Kernels& kernels);

// A night's churn, made ready: tables of trees, of paths and of lifetimes. Immutable but for lifetime tables that fill
// and never change a result; thread-safe. One is made per models, which must outlive it.
class NightChurn {
 public:
  // Precondition: models.churn.
  explicit NightChurn(const FittedModels& models);

  // Sets what is known of churn, flags included, in `scores`, which has a row for every customer of `today`.
  // FAILED_PRECONDITION (CHURN_COLUMN) where the profile lacks a column that the model reads.
  absl::Status Score(const CustomerColumns& today, const ColumnSet* profile, const Kernels& kernels,
                     std::vector<CustomerScore>* scores) const;

 private:
  // By row of `today`; NaN where nothing is known.
  absl::StatusOr<std::vector<double>> ValuesOfStaying(const CustomerColumns& today, const ColumnSet* profile) const;
  void FindReasons(const ChurnRows& rows, const Kernels& kernels, std::vector<CustomerScore>* scores) const;

  const ChurnModel& model_;
  ChurnPlan at_risk_;  // who is asked about, where the model has no plan of its own
  ChurnAnswers answers_;
  std::optional<TreeShap> shap_;
  ReasonFinder finder_;
  std::unique_ptr<const LifetimeScorer> lifetime_;  // over churn's horizon; null: values are from history
  double margin_factor_ = 1;
};

}  // namespace strata
