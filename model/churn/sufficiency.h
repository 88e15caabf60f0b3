// What a base's history is enough for: which cutoffs can be used, which model can be fitted, whether it can be graded;
// and every rule of it as a line of the sufficiency report. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "model/churn/churn_fit_settings.h"
#include "model/churn/churn_model.h"
#include "model/churn/churn_rounds.h"

namespace strata {

struct ChurnExtent {
  // Training cutoffs: of the served fit from the newest on, of the graded one from the one before. graded 0: not
  // graded; served 0: nothing can be fitted.
  int served = 0, graded = 0;
  ChurnAlgorithm algorithm = ChurnAlgorithm::kLifetime;
  std::string reason;        // why the lifetime model answers
  std::string grade_reason;  // why nothing is graded
  std::vector<SufficiencyLine> lines;
  std::vector<std::string> warnings;
};

// `counts` by view, the newest first; `first_day` of all purchases.
ChurnExtent ExtentOf(const ChurnFitSettings& settings, const std::vector<ViewCounts>& counts, Day first_day);

}  // namespace strata
