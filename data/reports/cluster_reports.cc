#include "data/reports/cluster_reports.h"

namespace strata {

std::vector<RegisteredReport> ClusterReports() {
  return {ClustersReport(),        ClusterChoiceReport(), ClusterDriftReport(),
          ClusterFeaturesReport(), ClusterMovesReport(),  DriftFeaturesReport()};
}

}  // namespace strata
