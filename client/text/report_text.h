// Reports for people: the list of a snapshot's reports, and one as a table. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/reports/report_index.h"

namespace strata {

inline constexpr size_t kShownReportRows = 200;  // of a report on a terminal; files and JSON have all

// A line per report: name, what it answers, rows, or why it was left out.
std::string ReportsTable(const std::vector<ReportEntry>& reports);

// Title, method and the first kShownReportRows rows; says how many there are where that is not all of them.
std::string ReportText(const ReportEntry& entry, const ReportTable& table, const std::string& currency);

}  // namespace strata
