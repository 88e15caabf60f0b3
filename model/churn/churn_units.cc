#include "model/churn/churn_units.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/churn/codes.h"
#include "model/churn/feature_facts.h"
#include "model/churn/gathered_rows.h"
#include "model/churn/shap.h"
#include "model/statistics/shard_error.h"
#include "model/trees/feature_bins.h"

namespace strata {
namespace {

struct UnitRows {
  GatheredRows gathered;
  std::vector<size_t> feature;  // of the gathered plan, by feature of the fit's
  std::vector<BoostRole> role;
  std::vector<size_t> train;  // rows, ascending
};

absl::StatusOr<UnitRows> RowsOf(const ChurnUnitsRequest& request, const ChurnUnit& unit, const ChurnPlan& plan) {
  UnitRows rows;
  STRATA_ASSIGN_OR_RETURN(rows.feature, PlacesOfFeatures(request.gathered, plan));
  const int first = unit.graded ? 1 : 0;
  STRATA_ASSIGN_OR_RETURN(rows.gathered, GatheredRows::Of(request.sample, request.gathered.features.size(), first,
                                                          first + request.views));
  for (size_t i = 0; i < rows.gathered.size(); ++i) {
    const uint64_t hash = rows.gathered.hash[i];
    if (request.split.IsHeldOut(hash, unit.fold)) {
      rows.role.push_back(BoostRole::kNeither);
    } else if (unit.stop_early && request.split.IsValidation(hash)) {
      rows.role.push_back(BoostRole::kValidation);
    } else {
      rows.role.push_back(BoostRole::kTrain);
      rows.train.push_back(i);
    }
  }
  return rows;
}

FeatureBins BinsOfRows(const ChurnFeature& feature, size_t levels, std::span<const uint16_t> codes,
                       std::span<const size_t> train, int bins_max) {
  FeatureBins bins;
  if (feature.type == ColumnType::kText) {
    bins.is_category = true;
    bins.levels = static_cast<uint32_t>(std::min<size_t>(levels, kMaxTreeLevels));
    return bins;
  }
  std::vector<int64_t> counts(kCodes);
  for (const size_t i : train) ++counts[codes[i]];
  bins = BinsOf(counts, bins_max);
  bins.monotone = feature.monotone;
  return bins;
}

// Mean |SHAP| of the training customers that were drawn first.
std::vector<double> Contributions(const Ensemble& ensemble, const BinnedRows& bins, const std::vector<size_t>& train,
                                  const Kernels& kernels) {
  const size_t rows = std::min(kContributionRows, train.size());
  BinnedRows few(rows, bins.features());
  for (size_t j = 0; j < bins.features(); ++j) {
    for (size_t i = 0; i < rows; ++i) few.column(j)[i] = bins.column(j)[train[i]];
  }
  const TreeShap shap(ensemble);
  std::vector<double> contributions(rows * bins.features());
  constexpr size_t kChunk = 512;
  tbb::parallel_for(size_t{0}, (rows + kChunk - 1) / kChunk, [&](size_t chunk) {
    const size_t begin = chunk * kChunk;
    const size_t count = std::min(kChunk, rows - begin);
    std::vector<double> out(count * bins.features());
    shap.Contributions(few.bins() + begin, few.stride(), count, kernels, out.data());
    for (size_t j = 0; j < bins.features(); ++j) {
      std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(j * count), count,
                  contributions.begin() + static_cast<std::ptrdiff_t>(j * rows + begin));
    }
  });
  std::vector<double> means(bins.features(), 0);
  for (size_t j = 0; j < bins.features() && rows > 0; ++j) {
    for (size_t i = 0; i < rows; ++i) means[j] += std::fabs(contributions[j * rows + i]);
    means[j] /= static_cast<double>(rows);
  }
  return means;
}

std::vector<UnitFeature> FeaturesOf(const UnitRows& rows, const BinnedRows& binned, const Ensemble& ensemble,
                                    const Kernels& kernels) {
  std::vector<UnitFeature> features(binned.features());
  for (const Tree& tree : ensemble.trees) {
    for (const TreeNode& node : tree.nodes) {
      if (!node.is_leaf()) features[node.feature].gain += node.gain;
    }
  }
  const std::vector<double> contributions = Contributions(ensemble, binned, rows.train, kernels);
  for (size_t j = 0; j < features.size(); ++j) features[j].contribution = contributions[j];
  return features;
}

absl::StatusOr<ChurnUnitResult> Run(const ChurnUnitsRequest& request, const ChurnUnit& unit, const Kernels& kernels) {
  const ChurnPlan& plan = unit.graded ? request.graded : request.served;
  STRATA_ASSIGN_OR_RETURN(UnitRows rows, RowsOf(request, unit, plan));
  const size_t n = rows.gathered.size();
  BinnedRows binned(n, plan.features.size());
  std::vector<FeatureBins> bins(plan.features.size());
  tbb::parallel_for(size_t{0}, bins.size(), [&](size_t j) {
    std::vector<uint16_t>& codes = rows.gathered.codes[rows.feature[j]];
    if (plan.features[j].type == ColumnType::kText) {
      Recode(request.gathered.levels[rows.feature[j]], plan.levels[j], &codes);
    }
    bins[j] = BinsOfRows(plan.features[j], plan.levels[j].size(), codes, rows.train, request.bins);
    const std::vector<uint8_t> table = BinTableOf(bins[j]);
    const std::span<uint8_t> column = binned.column(j);
    for (size_t i = 0; i < n; ++i) column[i] = table[codes[i]];
  });
  BoostSettings boost = request.boost;
  const bool some_validate = std::find(rows.role.begin(), rows.role.end(), BoostRole::kValidation) != rows.role.end();
  if (!unit.stop_early || !some_validate) boost.early_stopping.reset();
  BoostResult fit = FitTrees(
      {.bins = &binned, .outcome = rows.gathered.churned, .hash = rows.gathered.hash, .role = rows.role}, bins, boost,
      kernels);
  ChurnUnitResult result;
  result.cells.resize(static_cast<size_t>(request.views) * kCalibrationFolds);
  for (size_t i = 0; i < n; ++i) {
    if (rows.role[i] != BoostRole::kNeither) continue;
    const size_t view = rows.gathered.view[i] - (unit.graded ? 1U : 0U);
    const uint32_t fold = CalibrationFoldOf(request.split.seed, rows.gathered.hash[i]);
    result.cells[view * kCalibrationFolds + fold].Add(fit.margins[i], rows.gathered.churned[i] != 0);
  }
  if (unit.fold < 0) result.features = FeaturesOf(rows, binned, fit.ensemble, kernels);
  result.ensemble = std::move(fit.ensemble);
  return result;
}

}  // namespace

ChurnUnitResult RunChurnUnit(const ChurnUnitsRequest& request, const ChurnUnit& unit, const Kernels& kernels) {
  absl::StatusOr<ChurnUnitResult> result = Run(request, unit, kernels);
  if (result.ok()) return *std::move(result);
  ChurnUnitResult failed;
  failed.error = ShardErrorOf(result.status());
  return failed;
}

ChurnUnitsPartial RunChurnUnits(const ChurnUnitsRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  ChurnUnitsPartial partial;
  for (uint32_t u = shard.number; u < request.units.size(); u += shard.shards) {
    partial.results[u] = RunChurnUnit(request, request.units[u], kernels);
  }
  return partial;
}

void ChurnUnitsPartial::Merge(const ChurnUnitsPartial& other) {
  twice = twice || other.twice;
  for (const auto& [unit, result] : other.results) {
    const auto [at, is_new] = results.emplace(unit, result);
    twice = twice || !is_new;
  }
}

}  // namespace strata
