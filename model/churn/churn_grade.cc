#include "model/churn/churn_grade.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/fixed_point.h"
#include "model/churn/reliability.h"
#include "model/statistics/ranking_metrics.h"
#include "model/trees/ensemble.h"

namespace strata {
namespace {

struct Scorer {
  Baseline line;
  std::vector<double> scores;
  bool is_rule = false;           // 0 or 1
  bool is_probability = false;
};

std::vector<double> SampleColumn(const KeyedSample& rows, uint32_t column, int grid_bits) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) values.push_back(FromGrid(rows.values(i)[column], grid_bits));
  return values;
}

bool IsComplete(const KeyedSample& rows, uint32_t column) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.values(i)[column] < 0) return false;
  }
  return true;
}

template <typename Holds>
std::vector<double> RuleScores(const KeyedSample& rows, const Holds& holds) {
  std::vector<double> scores;
  for (size_t i = 0; i < rows.size(); ++i) scores.push_back(holds(rows.values(i)) ? 1 : 0);
  return scores;
}

// Those that the rows have the data for.
std::vector<Scorer> BaselinesOf(const KeyedSample& rows, const TunedRules& rules) {
  std::vector<Scorer> baselines;
  const auto add = [&baselines](const char* name, std::vector<double> scores, bool is_rule, double threshold) {
    Scorer& scorer = baselines.emplace_back();
    scorer.line.name = name;
    scorer.line.threshold = threshold;
    scorer.scores = std::move(scores);
    scorer.is_rule = is_rule;
  };
  if (IsComplete(rows, kHoldoutRecency)) {
    add("inactivity_rank", SampleColumn(rows, kHoldoutRecency, 0), false, 0);
    if (rules.inactivity.found) {
      const int64_t from = rules.inactivity.from;
      add("inactivity_d", RuleScores(rows, [from](auto values) { return values[kHoldoutRecency] >= from; }), true,
          static_cast<double>(from));
    }
    add("gap_rank", SampleColumn(rows, kHoldoutGap, kGapRatioBits), false, 0);
    if (rules.gap.found) {
      const int64_t from = rules.gap.from;
      add("gap_k", RuleScores(rows, [from](auto values) { return GapCellOf(values[kHoldoutGap]) >= from; }), true,
          FromGrid(from, kGapCellBits));
    }
  }
  if (IsComplete(rows, kHoldoutLifetime)) {
    add("lifetime_p_no_purchase", SampleColumn(rows, kHoldoutLifetime, kLikelihoodGridBits), false, 0);
    baselines.back().is_probability = true;
  }
  return baselines;
}

void MeasureBaselines(std::span<const uint8_t> churned, std::vector<Scorer>* baselines) {
  for (Scorer& baseline : *baselines) {
    baseline.line.auc = Auc(baseline.scores, churned);
    if (!baseline.is_rule) baseline.line.average_precision = AveragePrecision(baseline.scores, churned);
    if (baseline.is_probability) baseline.line.log_loss = LogLoss(baseline.scores, churned);
  }
}

void Compare(std::span<const double> margins, std::span<const uint8_t> churned, std::span<const uint64_t> identities,
             const std::vector<Scorer>& baselines, uint64_t seed, ChurnModel* model) {
  const auto best = std::max_element(baselines.begin(), baselines.end(), [](const Scorer& a, const Scorer& b) {
    return a.line.auc < b.line.auc;  // of equal ones the first
  });
  const std::vector<std::span<const double>> scorers = {margins, best->scores};
  const auto aucs = BootstrapAucs(scorers, churned, identities, seed, kBootstrapReplicates);
  const PercentileInterval interval = DifferenceInterval(aucs[0], aucs[1]);
  model->best_baseline = best->line.name;
  model->auc_gain = model->auc - best->line.auc;
  model->auc_gain_low = interval.low;
  model->auc_gain_high = interval.high;
  model->grade = GradeOf(interval.low, model->calibration_error);
  if (model->grade == Grade::kD) {
    model->warnings.push_back(fmt::format("the model ranks no better than {}: its AUC is {:.4f} against {:.4f}",
                                          best->line.name, model->auc, best->line.auc));
  }
}

}  // namespace

Grade GradeOf(double gain_low, double calibration_error) {
  if (!(gain_low > 0)) return Grade::kD;
  if (gain_low < kGradeBFrom || !(calibration_error <= kGradeCalibrationErrorMax)) return Grade::kC;
  return gain_low >= kGradeAFrom ? Grade::kA : Grade::kB;
}

void GradeChurn(const KeyedSample& holdout, const TunedRules& rules, uint64_t seed, ChurnModel* model) {
  std::vector<uint8_t> churned;
  std::vector<uint64_t> identities;
  for (size_t i = 0; i < holdout.size(); ++i) {
    churned.push_back(holdout.values(i)[kHoldoutLabel] != 0 ? 1 : 0);
    identities.push_back(holdout.hash(i));
  }
  const std::vector<double> probabilities = SampleColumn(holdout, kHoldoutModel, kLikelihoodGridBits);
  const std::vector<double> margins = SampleColumn(holdout, kHoldoutMargin, kMarginGridBits);
  model->auc = Auc(margins, churned);
  model->average_precision = AveragePrecision(margins, churned);
  model->log_loss = LogLoss(probabilities, churned);
  model->brier = BrierScore(probabilities, churned);
  model->calibration_error = CalibrationError(probabilities, churned);
  model->calibration_error_perfect = CalibrationErrorIfPerfect(probabilities);
  model->reliability = ReliabilityOf(probabilities, churned);
  model->lift = LiftOf(margins, churned);

  std::vector<Scorer> baselines = BaselinesOf(holdout, rules);
  MeasureBaselines(churned, &baselines);
  for (const Scorer& baseline : baselines) model->baselines.push_back(baseline.line);
  if (baselines.empty()) {
    model->grade_reason = "there is nothing to compare with: customers at risk have not bought";
    return;
  }
  Compare(margins, churned, identities, baselines, seed, model);
}

}  // namespace strata
