#include "coordinator/night/churn_settings.h"

#include <utility>

#include "data/profile/job_churn_plan.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {
namespace {

constexpr double kMillionths = 1e-6;

BoostSettings BoostOf(const ChurnSettings& churn) {
  BoostSettings boost;
  boost.tree.leaves = churn.leaves;
  boost.tree.min_rows = churn.min_rows;
  boost.tree.min_hessian = churn.min_hessian;
  boost.tree.lambda = churn.lambda;
  boost.tree.alpha = churn.alpha;
  boost.tree.learning_rate = churn.learning_rate;
  boost.trees = churn.trees_max;
  boost.early_stopping = churn.early_stopping;
  boost.row_share = churn.row_share;
  boost.feature_share = churn.feature_share;
  return boost;
}

// Of the features: the kind that the job names. A choice made tonight looks past the cutoffs.
LifetimeKind KindOf(const std::optional<LifetimeSettings>& lifetime) {
  if (!lifetime.has_value()) return LifetimeKind::kBgNbd;
  if (lifetime->is_auto()) return LifetimeKind::kMbgNbd;
  const LifetimeKind kind = LifetimeKindOf(lifetime->model).value_or(LifetimeKind::kBgNbd);  // a job's name is known
  // Opportunities and contracts are counted in another way than days.
  return kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg ? LifetimeKind::kBgNbd : kind;
}

ReasonsFor ReasonsOf(ChurnSettings::Reasons reasons) {
  switch (reasons) {
    case ChurnSettings::Reasons::kBands:
      return ReasonsFor::kBands;
    case ChurnSettings::Reasons::kAll:
      return ReasonsFor::kAll;
    case ChurnSettings::Reasons::kNone:
      return ReasonsFor::kNone;
  }
  return ReasonsFor::kBands;
}

}  // namespace

ChurnFitSettings ChurnSettingsOf(const Job& job, const FitFacts& facts) {
  const ChurnSettings& churn = *job.churn;
  ChurnFitSettings settings;
  ChurnPlan plan = ChurnPlanOf(job);
  settings.features = std::move(plan.features);
  settings.question = plan.question;
  settings.horizon_days = churn.horizon_days;
  settings.eligible_days = churn.eligible_days;
  settings.cutoffs = facts.churn_cutoffs;
  settings.trees = churn.trees;
  settings.boost = BoostOf(churn);
  settings.bins = churn.bins;
  if (churn.train_rows.has_value()) settings.train_rows = *churn.train_rows;
  settings.penalty = {.lambda = churn.lambda, .l1_ratio = churn.l1_ratio};
  settings.lifetime_kind = KindOf(job.lifetime);
  if (job.lifetime.has_value()) {
    settings.lifetime_k = job.lifetime->k;
    settings.time_unit_days = job.lifetime->time_unit_days;
  }
  settings.reasons_for = ReasonsOf(churn.reasons);
  settings.band_low = static_cast<double>(churn.band_low) * kMillionths;
  settings.band_high = static_cast<double>(churn.band_high) * kMillionths;
  settings.seed = job.seed;
  settings.as_of = facts.as_of;
  return settings;
}

}  // namespace strata
