#include "run/churn_settings.h"

#include <algorithm>

namespace strata {

int ChurnCutoffs(const ChurnSettings& settings, Day as_of, std::optional<Day> first_day, int64_t rows) {
  if (settings.cutoffs.has_value()) return *settings.cutoffs;
  if (!first_day.has_value() || rows >= kOneCutoffRows) return 1;
  const int64_t days = int64_t{as_of} - *first_day - settings.eligible_days / 2;
  return static_cast<int>(std::clamp<int64_t>(days / settings.horizon_days - 1, 1, kAutoCutoffs));
}

}  // namespace strata
