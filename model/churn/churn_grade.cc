#include "model/churn/churn_grade.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/fixed_point.h"
#include "model/statistics/ranking_metrics.h"

namespace strata {
namespace {

struct Scorer {
  std::string name;
  std::vector<double> scores;
  bool probabilities = false;
};

std::vector<double> SampleColumn(const KeyedSample& rows, uint32_t column, int grid_bits) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) values.push_back(FromGrid(rows.values(i)[column], grid_bits));
  return values;
}

std::vector<Scorer> BaselinesOf(const KeyedSample& rows, int horizon_days) {
  const std::vector<double> recency = SampleColumn(rows, kHoldoutRecency, 0);
  std::vector<Scorer> baselines = {{"inactivity_rank", recency, false}};
  int last = 0;
  for (const int days : {horizon_days / 4, horizon_days / 2, horizon_days}) {
    if (days == last) continue;  // a short horizon has fewer rules
    last = days;
    Scorer& rule = baselines.emplace_back();
    rule.name = fmt::format("inactivity_{}d", days);
    for (const double days_since : recency) rule.scores.push_back(days_since >= days ? 1 : 0);
  }
  std::vector<double> lifetime = SampleColumn(rows, kHoldoutLifetime, kLikelihoodGridBits);
  bool complete = true;
  for (const double probability : lifetime) complete = complete && probability >= 0;
  if (complete) baselines.push_back({"lifetime_p_no_purchase", std::move(lifetime), true});
  return baselines;
}

}  // namespace

Grade GradeOf(double gain_low) {
  if (!(gain_low > 0)) return Grade::kD;
  if (gain_low >= kGradeAFrom) return Grade::kA;
  return gain_low >= kGradeBFrom ? Grade::kB : Grade::kC;
}

void GradeChurn(const KeyedSample& holdout, uint64_t seed, ChurnModel* model) {
  std::vector<uint8_t> churned;
  std::vector<uint64_t> identities;
  for (size_t i = 0; i < holdout.size(); ++i) {
    churned.push_back(holdout.values(i)[kHoldoutLabel] != 0 ? 1 : 0);
    identities.push_back(holdout.hash(i));
  }
  const std::vector<double> probabilities = SampleColumn(holdout, kHoldoutModel, kLikelihoodGridBits);
  model->auc = Auc(probabilities, churned);
  model->log_loss = LogLoss(probabilities, churned);
  model->brier = BrierScore(probabilities, churned);
  model->calibration_error = CalibrationError(probabilities, churned);

  const std::vector<Scorer> baselines = BaselinesOf(holdout, model->horizon_days);
  size_t best = 0;
  for (size_t i = 0; i < baselines.size(); ++i) {
    Baseline baseline{baselines[i].name, Auc(baselines[i].scores, churned), std::nullopt};
    if (baselines[i].probabilities) baseline.log_loss = LogLoss(baselines[i].scores, churned);
    model->baselines.push_back(std::move(baseline));
    if (model->baselines[i].auc > model->baselines[best].auc) best = i;
  }
  model->best_baseline = baselines[best].name;

  const std::vector<std::span<const double>> scorers = {probabilities, baselines[best].scores};
  const auto aucs = BootstrapAucs(scorers, churned, identities, seed, kBootstrapReplicates);
  const PercentileInterval interval = DifferenceInterval(aucs[0], aucs[1]);
  model->auc_gain = model->auc - model->baselines[best].auc;
  model->auc_gain_low = interval.low;
  model->auc_gain_high = interval.high;
  model->grade = GradeOf(interval.low);
}

}  // namespace strata
