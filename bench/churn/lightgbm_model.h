// Trees that LightGBM fitted, as an ensemble of ours: for comparisons alone, of scores and explanations on equal trees.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/trees/ensemble.h"
#include "model/trees/feature_bins.h"

namespace strata {

struct LightGbmModel {
  std::vector<FloatBins> bins;  // by feature; their ends are the trees' thresholds, as float32 rows meet them
  Ensemble ensemble;            // leaf values rounded to the margin grid, covers LightGBM's own counts of rows
};

// Reads what Booster.save_model() writes of a binary objective. INVALID_ARGUMENT (LIGHTGBM_MODEL) names what is
// missing, or not to be had here: categories, zeros as missing values, more than kMaxLeaves leaves, more than 254
// thresholds of a feature.
absl::StatusOr<LightGbmModel> ReadLightGbmModel(std::string_view text);

}  // namespace strata
