#include "data/reports/class_reports.h"

namespace strata {

std::vector<RegisteredReport> ClassReports() {
  return {
      ClassMovesReport(),     CoreListReport(),        CustomerKindsReport(),      CustomerLevelsReport(),
      CustomerStagesReport(), GrowthPotentialReport(), LifeCycleReport(),          LifeCycleFlowReport(),
      LifeCycleGapsReport(),  LossMakersReport(),      RfmCellsReport(),           RfmClassesReport(),
      RfmCutsReport(),        ValueClassesReport(),    ValueConcentrationReport(), ValueSummaryReport(),
  };
}

}  // namespace strata
