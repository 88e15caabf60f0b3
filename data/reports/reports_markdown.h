// Reports described for people, as Markdown. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/reports/report.h"

namespace strata {

struct DescribedReport {
  ReportEntry entry;
  std::vector<std::string> needs;  // of a job: "sources.cases", "sources.cases.columns.opened", "models.value"
  bool follows = false;            // whether it compares with an earlier snapshot
};

// All reports that this build can make, those of every snapshot included, by name.
std::vector<DescribedReport> DescribeReports();

// A table of all reports, then a section for each: what it answers, what it needs, how it is computed and its columns.
// Rows and skip reasons are left out: they are of a snapshot, the rest is of a build. docs/reports.md holds that of
// DescribeReports.
std::string ReportsMarkdown(const std::vector<DescribedReport>& reports);

}  // namespace strata
