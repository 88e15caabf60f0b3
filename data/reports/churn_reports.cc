#include "data/reports/churn_reports.h"

namespace strata {

std::vector<RegisteredReport> ChurnReports() {
  return {ChurnModelCardReport(),   ChurnSufficiencyReport(),       ChurnFeaturesReport(), ChurnDriversReport(),
          ChurnReliabilityReport(), ChurnPartialDependenceReport(), ChurnLiftReport(),     ChurnBaselinesReport(),
          ChurnBandsReport(),       ChurnRetentionReport(),         ChurnLossReport(),     ChurnSurvivalReport(),
          ChurnTraitsReport()};
}

}  // namespace strata
