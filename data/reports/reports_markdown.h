// Reports described for people, as Markdown. A pure function; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/reports/report_index.h"

namespace strata {

// A table of all reports, then a section for each: what it answers, what it needs, how it is computed and its columns.
// Rows and skip reasons are left out: they are of a snapshot, the rest is of a build.
std::string ReportsMarkdown(const std::vector<ReportEntry>& reports);

}  // namespace strata
