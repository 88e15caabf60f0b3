// The reports of classes, one function a report, in the file of its name. class_reports.cc lists them.
#pragma once

#include <vector>

#include "data/reports/report.h"

namespace strata {

RegisteredReport ClassMovesReport();
RegisteredReport CoreListReport();
RegisteredReport CustomerKindsReport();
RegisteredReport CustomerLevelsReport();
RegisteredReport CustomerStagesReport();
RegisteredReport GrowthPotentialReport();
RegisteredReport LifeCycleReport();
RegisteredReport LifeCycleFlowReport();
RegisteredReport LifeCycleGapsReport();
RegisteredReport LossMakersReport();
RegisteredReport RfmCellsReport();
RegisteredReport RfmClassesReport();
RegisteredReport RfmCutsReport();
RegisteredReport ValueClassesReport();
RegisteredReport ValueConcentrationReport();
RegisteredReport ValueSummaryReport();

// All of them.
std::vector<RegisteredReport> ClassReports();

}  // namespace strata
