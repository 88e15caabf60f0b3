// The reports of lifetime values, one function a report. lifetime_reports.cc lists them.
#pragma once

#include <vector>

#include "data/reports/report.h"

namespace strata {

RegisteredReport LifetimeModelsReport();
RegisteredReport LifetimeParametersReport();
RegisteredReport LifetimeCovariatesReport();
RegisteredReport LifetimeErrorsReport();
RegisteredReport LifetimeBinsReport();
RegisteredReport LifetimeReliabilityReport();
RegisteredReport LifetimeCoverageReport();
RegisteredReport LifetimeDecilesReport();
RegisteredReport LifetimeTrackingReport();
RegisteredReport LifetimeCohortsReport();
RegisteredReport LifetimeSurvivalReport();

// All of them.
std::vector<RegisteredReport> LifetimeReports();

}  // namespace strata
