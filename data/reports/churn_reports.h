// The reports of churn, one function a report. churn_reports.cc lists them.
#pragma once

#include <vector>

#include "data/reports/report.h"

namespace strata {

RegisteredReport ChurnModelCardReport();
RegisteredReport ChurnSufficiencyReport();
RegisteredReport ChurnFeaturesReport();
RegisteredReport ChurnDriversReport();
RegisteredReport ChurnPartialDependenceReport();
RegisteredReport ChurnReliabilityReport();
RegisteredReport ChurnLiftReport();
RegisteredReport ChurnBaselinesReport();
RegisteredReport ChurnBandsReport();
RegisteredReport ChurnRetentionReport();
RegisteredReport ChurnLossReport();
RegisteredReport ChurnSurvivalReport();
RegisteredReport ChurnTraitsReport();

// All of them.
std::vector<RegisteredReport> ChurnReports();

}  // namespace strata
