// The reports of this build, one function a report, in the file of its name. registry.cc lists them.
#pragma once

#include "data/reports/report.h"

namespace strata {

RegisteredReport CompletenessReport();
RegisteredReport QualityColumnsReport();
RegisteredReport QualityRejectsReport();
RegisteredReport QualityTablesReport();
RegisteredReport SegmentOverlapReport();
RegisteredReport UserSegmentsReport();

}  // namespace strata
