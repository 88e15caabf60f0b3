// The trees' rounds: units on the gathered sample.
#include <fmt/format.h>

#include "model/churn/churn_fitter.h"
#include "model/statistics/shard_error.h"

namespace strata {

// How many trees there are is decided on the graded fit, or on the served one where nothing is graded: the other fits
// grow as many.
void ChurnFitter::StartTrees() {
  const bool first_graded = extent_.graded > 0;
  if (settings_.boost.early_stopping.has_value()) {
    units_ = {{.graded = first_graded, .fold = -1, .stop_early = true}};
  } else {
    trees_ = settings_.boost.trees;
    StartOtherUnits();
  }
  stage_ = ChurnStage::kUnits;
}

// All that is not there yet.
void ChurnFitter::StartOtherUnits() {
  units_.clear();
  for (const bool graded : {false, true}) {
    if (graded && extent_.graded == 0) continue;
    for (int32_t fold = -1; fold < (split_.fifth ? 0 : kChurnFolds); ++fold) {
      if (!unit_results_.contains({graded, fold})) units_.push_back({.graded = graded, .fold = fold, .stop_early = false});
    }
  }
}

ChurnUnitsRequest ChurnFitter::RequestOf(std::vector<ChurnUnit> units) const {
  ChurnUnitsRequest request;
  request.gathered = plan_;
  request.graded = graded_.plan;
  request.served = served_.plan;
  request.boost = settings_.boost;
  request.boost.seed = settings_.seed;
  if (trees_.has_value()) {
    request.boost.trees = *trees_;
    request.boost.early_stopping.reset();
  }
  request.bins = settings_.bins;
  request.views = training_views();
  request.split = split_;
  request.sample = sample_;
  request.units = std::move(units);
  return request;
}

absl::Status ChurnFitter::AbsorbUnits(const Partial& merged) {
  if (merged.units.twice || merged.units.results.size() != units_.size()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                     fmt::format("{} of {} fits of trees came back{}", merged.units.results.size(), units_.size(),
                                 merged.units.twice ? ", one of them twice" : ""));
  }
  for (const auto& [number, result] : merged.units.results) {
    STRATA_RETURN_IF_ERROR(StatusOfShardError(result.error));
    const ChurnUnit& unit = units_[number];
    unit_results_[{unit.graded, unit.fold}] = result;
    if (unit.stop_early) trees_ = static_cast<int>(result.ensemble.trees.size());
  }
  StartOtherUnits();
  if (!units_.empty()) return absl::OkStatus();
  for (const bool graded : {true, false}) {
    if (graded && extent_.graded == 0) continue;
    ChurnUnitResult& main = unit_results_[{graded, -1}];
    side(graded).ensemble = std::move(main.ensemble);
    side(graded).unit_features = std::move(main.features);
    std::vector<std::vector<MarginCells>> cells(static_cast<size_t>(training_views()),
                                                std::vector<MarginCells>(kCalibrationFolds));
    for (int32_t fold = split_.fifth ? -1 : 0; fold < (split_.fifth ? 0 : kChurnFolds); ++fold) {
      const ChurnUnitResult& result = unit_results_[{graded, fold}];
      for (size_t i = 0; i < result.cells.size() && i < cells.size() * kCalibrationFolds; ++i) {
        cells[i / kCalibrationFolds][i % kCalibrationFolds].Merge(result.cells[i]);
      }
    }
    CalibrateSide(graded, cells);
  }
  unit_results_.clear();
  sample_ = KeyedRows();
  FinishFits();
  return absl::OkStatus();
}

}  // namespace strata
