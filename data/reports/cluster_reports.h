// The reports of clusters, one function a report. cluster_reports.cc lists them.
#pragma once

#include <vector>

#include "data/reports/report.h"

namespace strata {

RegisteredReport ClustersReport();
RegisteredReport ClusterChoiceReport();
RegisteredReport ClusterDriftReport();
RegisteredReport ClusterFeaturesReport();
RegisteredReport ClusterMovesReport();
RegisteredReport DriftFeaturesReport();

// All of them.
std::vector<RegisteredReport> ClusterReports();

}  // namespace strata
