#include "model/churn/churn_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/fixed_point.h"
#include "model/churn/logistic_matrix.h"
#include "model/trees/feature_bins.h"

namespace strata {
namespace {

// The log-odds of a probability that is 0 or 1 would be infinite.
constexpr double kLogOddsMax = 64;

int64_t MarginOfProbability(double p) {
  const double log_odds = std::log(p) - std::log1p(-p);
  return ToGrid(std::fmax(-kLogOddsMax, std::fmin(kLogOddsMax, log_odds)), kMarginGridBits);
}

}  // namespace

ChurnScoring ChurnScoring::Of(const ChurnModel& model) {
  return {.plan = model.plan,
          .ensemble = model.ensemble,
          .columns = model.columns,
          .medians = model.medians,
          .logistic = {.mean = model.mean,
                       .deviation = model.deviation,
                       .coefficients = model.coefficients,
                       .intercept = model.intercept},
          .calibration = model.calibration};
}

void ChurnScoring::Encode(ByteWriter* writer) const {
  plan.Encode(writer);
  writer->U8(ensemble.has_value() ? 1 : 0);
  if (ensemble.has_value()) ensemble->Encode(writer);
  EncodeColumns(columns, writer);
  writer->Array(medians);
  logistic.Encode(writer);
  calibration.Encode(writer);
}

ChurnScoring ChurnScoring::Decode(ByteReader* reader) {
  ChurnScoring scoring;
  scoring.plan = ChurnPlan::Decode(reader);
  if (reader->U8() != 0) scoring.ensemble = Ensemble::Decode(reader);
  scoring.columns = DecodeColumns(reader);
  scoring.medians = reader->Array<double>();
  scoring.logistic = LogisticModel::Decode(reader);
  scoring.calibration = Calibration::Decode(reader);
  return scoring;
}

ChurnScorer::ChurnScorer(ChurnScoring scoring) : scoring_(std::move(scoring)) {
  if (!scoring_.ensemble.has_value()) return;
  for (const FeatureBins& bins : scoring_.ensemble->bins) bin_tables_.push_back(BinTableOf(bins));
  masks_.emplace(*scoring_.ensemble);
}

std::vector<uint8_t> ChurnScorer::Bins(const ChurnRows& rows) const {
  const size_t n = rows.size();
  std::vector<uint8_t> bins(n * bin_tables_.size());
  for (size_t j = 0; j < bin_tables_.size(); ++j) {
    const std::span<const uint16_t> codes = rows.codes(j);
    uint8_t* const column = bins.data() + j * n;
    for (size_t i = 0; i < n; ++i) column[i] = bin_tables_[j][codes[i]];
  }
  return bins;
}

std::vector<int64_t> ChurnScorer::Margins(const ChurnRows& rows, const Kernels& kernels) const {
  if (!masks_.has_value()) {
    return LogisticMargins(LogisticMatrix(scoring_.plan, scoring_.columns, scoring_.medians), scoring_.logistic, rows,
                           kernels);
  }
  std::vector<int64_t> margins(rows.size());
  if (rows.size() == 0) return margins;
  const std::vector<uint8_t> bins = Bins(rows);
  masks_->Margins(bins.data(), rows.size(), rows.size(), kernels, margins.data());
  return margins;
}

std::optional<ChurnLifetime> LifetimeOf(const ChurnModel& model) {
  if (model.lifetime_customers <= 0) return std::nullopt;
  return ChurnLifetime{.parameters = model.lifetime,
                       .time_unit_days = model.time_unit_days,
                       .T_max_days = model.lifetime_T_max_days,
                       .customers = model.lifetime_customers};
}

ChurnAnswers::ChurnAnswers(const ChurnModel& model) : plan_(model.plan) {
  plan_.horizon_days = model.horizon_days;
  plan_.eligible_days = model.eligible_days;
  if (const auto lifetime = LifetimeOf(model); lifetime.has_value()) {
    forecasts_ = std::make_unique<const ChurnForecasts>(*lifetime, model.horizon_days);
  }
  if (model.fitted) {
    scorer_ = std::make_unique<const ChurnScorer>(ChurnScoring::Of(model));
  } else {
    plan_.features.clear();
    plan_.levels.clear();
    by_lifetime_ = model.algorithm == ChurnAlgorithm::kLifetime && forecasts_ != nullptr;
  }
}

absl::StatusOr<ChurnScores> ChurnAnswers::Of(const CustomerColumns& columns, const ColumnSet* profile,
                                             const Kernels& kernels) const {
  ChurnRows rows;
  return Of(columns, profile, kernels, &rows);
}

absl::StatusOr<ChurnScores> ChurnAnswers::Of(const CustomerColumns& columns, const ColumnSet* profile,
                                             const Kernels& kernels, ChurnRows* rows) const {
  ChurnScores scores;
  if (scorer_ == nullptr && !by_lifetime_) return scores;
  const ChurnView view = {.columns = &columns, .profile = profile, .label = {}};
  STRATA_ASSIGN_OR_RETURN(*rows, ChurnRows::Of(plan_, view, forecasts_.get()));
  scores.row.assign(rows->row().begin(), rows->row().end());
  scores.probability.resize(rows->size());
  if (scorer_ != nullptr) {
    scores.margin = scorer_->Margins(*rows, kernels);
    for (size_t i = 0; i < rows->size(); ++i) {
      scores.probability[i] = scorer_->calibration().Probability(scores.margin[i]);
    }
    return scores;
  }
  scores.margin.resize(rows->size());
  for (size_t i = 0; i < rows->size(); ++i) {
    scores.probability[i] = forecasts_->Of(columns, scores.row[i]).none;
    scores.margin[i] = MarginOfProbability(scores.probability[i]);
  }
  return scores;
}

absl::StatusOr<std::vector<double>> ChurnProbabilities(const ChurnModel& model, const CustomerColumns& columns,
                                                       const ColumnSet* profile, const Kernels& kernels) {
  std::vector<double> all(columns.size(), std::numeric_limits<double>::quiet_NaN());
  STRATA_ASSIGN_OR_RETURN(const ChurnScores scores, ChurnAnswers(model).Of(columns, profile, kernels));
  for (size_t i = 0; i < scores.row.size(); ++i) all[scores.row[i]] = scores.probability[i];
  return all;
}

}  // namespace strata
