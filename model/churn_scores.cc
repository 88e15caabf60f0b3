#include "model/churn_scores.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "model/churn/logistic_matrix.h"
#include "model/churn/value_at_risk.h"

namespace strata {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kFeatureUnit = 1.0 / (1 << kFeatureGridBits);
constexpr size_t kRowsTogether = 1024;  // of whom reasons are found in one go by one thread

// Of contracts and opportunities no spend within churn's days is known.
bool ValuesPurchases(const FittedModels& models) {
  if (!models.lifetime.has_value() || !models.lifetime->fit.fitted) return false;
  const LifetimeKind kind = models.lifetime->fit.parameters.kind;
  return kind != LifetimeKind::kBgBb && kind != LifetimeKind::kSbg;
}

// In the feature's unit; of a category the code of its level.
double ValueOf(const ChurnPlan& plan, const ChurnRows& rows, size_t feature, size_t i) {
  if (plan.features[feature].type == ColumnType::kText) {
    const uint16_t code = rows.codes(feature)[i];
    return code < plan.levels[feature].size() ? code : kUnknown;
  }
  const int64_t whole = rows.wholes(feature)[i];
  return whole == kNoWhole ? kUnknown : static_cast<double>(whole) * plan.features[feature].scale;
}

// The trees' bins of some rows: feature j at j * which.size().
std::vector<uint8_t> BinsOf(const Ensemble& ensemble, const ChurnRows& rows, std::span<const uint32_t> which) {
  std::vector<uint8_t> bins(ensemble.bins.size() * which.size());
  for (size_t j = 0; j < ensemble.bins.size(); ++j) {
    const std::span<const uint16_t> codes = rows.codes(j);
    for (size_t k = 0; k < which.size(); ++k) bins[j * which.size() + k] = ensemble.bins[j].BinOf(codes[which[k]]);
  }
  return bins;
}

}  // namespace

std::vector<double> LogisticContributions(const ChurnModel& model, const ChurnRows& rows,
                                          std::span<const uint32_t> which, const Kernels& kernels) {
  const LogisticMatrix matrix(model.plan, model.columns, model.medians);
  std::vector<double> contributions(model.plan.features.size() * which.size());
  std::vector<double> block(matrix.width() * kKernelBlock);
  for (size_t k = 0; k < which.size(); ++k) {
    // The matrix is made block by block; rows that are asked for are ascending, so each block is made once.
    const size_t begin = which[k] / kKernelBlock * kKernelBlock;
    if (k == 0 || begin != which[k - 1] / kKernelBlock * kKernelBlock) {
      matrix.Fill(rows, begin, std::min(kKernelBlock, rows.size() - begin), kernels, block.data());
    }
    for (size_t c = 0; c < matrix.width(); ++c) {
      const double x = block[c * kKernelBlock + which[k] - begin] * kFeatureUnit;
      contributions[model.columns[c].feature * which.size() + k] +=
          model.coefficients[c] * ((x - model.mean[c]) / model.deviation[c]);
    }
  }
  return contributions;
}

NightChurn::NightChurn(const FittedModels& models)
    : model_(*models.churn), at_risk_(model_.plan), answers_(model_), finder_(model_.plan) {
  at_risk_.horizon_days = model_.horizon_days;
  at_risk_.eligible_days = model_.eligible_days;
  if (model_.fitted && model_.ensemble.has_value() && model_.reasons_for != ReasonsFor::kNone) {
    shap_.emplace(*model_.ensemble);
  }
  if (models.lifetime.has_value()) margin_factor_ = models.lifetime->margin.factor;
  if (ValuesPurchases(models)) {
    lifetime_ = std::make_unique<const LifetimeScorer>(
        *models.lifetime, models.spend.has_value() ? &*models.spend : nullptr,
        ScoringRules{.horizon_days = model_.horizon_days, .discount_rate_annual = models.discount_rate_annual});
  }
}

absl::StatusOr<std::vector<double>> NightChurn::ValuesOfStaying(const CustomerColumns& today,
                                                                const ColumnSet* profile) const {
  std::vector<double> values(today.size(), kUnknown);
  if (lifetime_ != nullptr) {
    LifetimeColumns columns;
    STRATA_RETURN_IF_ERROR(lifetime_->Score(today, profile, &columns));
    for (size_t row = 0; row < values.size(); ++row) {
      values[row] = ValueOfStaying(columns.lifetime_value[row], columns.p_no_purchase[row]);
    }
  }
  for (size_t row = 0; row < values.size(); ++row) {
    if (!std::isnan(values[row])) continue;
    values[row] = ValueFromHistory(today.net_micros_365[row], model_.horizon_days, margin_factor_);
  }
  return values;
}

absl::Status NightChurn::Score(const CustomerColumns& today, const ColumnSet* profile, const Kernels& kernels,
                               std::vector<CustomerScore>* scores) const {
  const ChurnView view = {.columns = &today, .profile = profile, .label = {}};
  for (size_t row = 0; row < today.size(); ++row) {
    if (today.purchase_days[row] > 0 && !AtRisk(at_risk_, view, row)) (*scores)[row].flags |= kFlagChurnInactive;
  }
  ChurnRows rows;
  STRATA_ASSIGN_OR_RETURN(const ChurnScores found, answers_.Of(today, profile, kernels, &rows));
  if (found.row.empty()) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const std::vector<double> values, ValuesOfStaying(today, profile));
  constexpr double kMarginUnit = 1.0 / static_cast<double>(int64_t{1} << kMarginGridBits);
  for (size_t i = 0; i < found.row.size(); ++i) {
    CustomerScore& score = (*scores)[found.row[i]];
    score.churn_probability = found.probability[i];
    score.churn.margin = static_cast<double>(found.margin[i]) * kMarginUnit;
    score.churn.band = BandOf(model_, found.probability[i]);
    score.churn.value_at_risk = ValueAtRisk(found.probability[i], values[found.row[i]]);
    if (answers_.scorer() == nullptr) score.flags |= kFlagChurnFromLifetime;
  }
  if (answers_.scorer() != nullptr) FindReasons(rows, kernels, scores);
  return absl::OkStatus();
}

void NightChurn::FindReasons(const ChurnRows& rows, const Kernels& kernels, std::vector<CustomerScore>* scores) const {
  if (model_.reasons_for == ReasonsFor::kNone) return;
  std::vector<uint32_t> which;
  for (size_t i = 0; i < rows.size(); ++i) {
    const ChurnBand band = (*scores)[rows.row()[i]].churn.band;
    const bool asked = model_.reasons_for == ReasonsFor::kAll || band == ChurnBand::kMedium || band == ChurnBand::kHigh;
    if (asked) which.push_back(static_cast<uint32_t>(i));
  }
  const size_t features = model_.plan.features.size();
  const size_t chunks = (which.size() + kRowsTogether - 1) / kRowsTogether;
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    const size_t begin = chunk * kRowsTogether;
    const auto part = std::span<const uint32_t>(which).subspan(begin, std::min(kRowsTogether, which.size() - begin));
    std::vector<double> contributions;
    if (shap_.has_value()) {
      contributions.resize(features * part.size());
      const std::vector<uint8_t> bins = BinsOf(*model_.ensemble, rows, part);
      shap_->Contributions(bins.data(), part.size(), part.size(), kernels, contributions.data());
    } else {
      contributions = LogisticContributions(model_, rows, part, kernels);
    }
    std::vector<double> of_row(features), values(features);
    for (size_t k = 0; k < part.size(); ++k) {
      for (size_t j = 0; j < features; ++j) {
        of_row[j] = contributions[j * part.size() + k];
        values[j] = ValueOf(model_.plan, rows, j, part[k]);
      }
      (*scores)[rows.row()[part[k]]].churn.reasons = finder_.Find(of_row, values);
    }
  });
}

}  // namespace strata
