#include "data/reports/lifetime_reports.h"

namespace strata {

std::vector<RegisteredReport> LifetimeReports() {
  return {LifetimeModelsReport(),   LifetimeParametersReport(),  LifetimeCovariatesReport(), LifetimeErrorsReport(),
          LifetimeBinsReport(),     LifetimeReliabilityReport(), LifetimeCoverageReport(),   LifetimeDecilesReport(),
          LifetimeTrackingReport(), LifetimeCohortsReport(),     LifetimeSurvivalReport()};
}

}  // namespace strata
