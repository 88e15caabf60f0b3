#include "data/reports/report_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace strata {

ReportEntry Describe(const ReportInfo& info, const ReportOffer& offer) {
  ReportEntry entry{.name = info.name,
                    .title = info.title,
                    .sources = info.sources,
                    .tables = {},
                    .method = info.method,
                    .columns = info.columns,
                    .rows = 0,
                    .skipped = {}};
  for (const ReportOffer::Table& table : offer.tables) {
    const bool needed = std::any_of(info.needs.columns.begin(), info.needs.columns.end(),
                                    [&table](const auto& column) { return column.first == table.table; });
    if (needed && table.table != TableId::kTransactions) entry.tables.push_back(table.name);
  }
  return entry;
}

ReportPlan PlanReports(std::vector<const RegisteredReport*> asked, const ReportOffer& offer) {
  std::sort(asked.begin(), asked.end(),
            [](const RegisteredReport* a, const RegisteredReport* b) { return a->info.name < b->info.name; });
  ReportPlan plan;
  for (const RegisteredReport* report : asked) {
    std::string why = WhyMissing(report->info.needs, offer);
    if (why.empty()) {
      plan.run.push_back(report);
      continue;
    }
    plan.skipped.push_back(Describe(report->info, offer));
    plan.skipped.back().skipped = std::move(why);
  }
  return plan;
}

absl::Status CheckReportNames(const Job& job, std::string_view file_name) {
  for (const std::string& name : job.reports) {
    if (name == kSegmentsReportName || FindReport(name) != nullptr) continue;
    std::vector<std::string> known = {kSegmentsReportName};
    for (const RegisteredReport& report : AllReports()) known.push_back(report.info.name);
    std::sort(known.begin(), known.end());
    return MakeError(
        absl::StatusCode::kInvalidArgument, "JOB_INVALID",
        fmt::format("{}: reports: found '{}'; allowed: all, or some of {}", file_name, name, fmt::join(known, ", ")),
        {{"file", std::string(file_name)}, {"key", "reports"}});
  }
  return absl::OkStatus();
}

absl::StatusOr<ReportPlan> PlanReports(const Job& job, const ReportOffer& offer) {
  STRATA_RETURN_IF_ERROR(CheckReportNames(job, job.name));
  std::vector<const RegisteredReport*> asked;
  for (const RegisteredReport& report : AllReports()) {
    const bool is_named = std::find(job.reports.begin(), job.reports.end(), report.info.name) != job.reports.end();
    const bool is_of_segments = !job.segments.empty() && report.info.needs.segments;  // what they are without
    if (job.all_reports || is_named || is_of_segments) asked.push_back(&report);
  }
  return PlanReports(std::move(asked), offer);
}

absl::StatusOr<std::vector<ReportFile>> EncodeReports(const ReportPlan& plan, const std::vector<ReportTable>& tables,
                                                      const std::vector<ReportEntry>& others,
                                                      const ReportOffer& offer) {
  if (tables.size() != plan.run.size()) {
    return MakeError(absl::StatusCode::kInternal, "REPORT_INVALID", "the tables are not those of the planned reports");
  }
  ReportIndex index;
  index.reports = others;
  index.reports.insert(index.reports.end(), plan.skipped.begin(), plan.skipped.end());
  std::vector<ReportFile> files;
  for (size_t i = 0; i < tables.size(); ++i) {
    ReportEntry entry = Describe(plan.run[i]->info, offer);
    if (!tables[i].left_out.empty()) {
      entry.skipped = tables[i].left_out;
      index.reports.push_back(std::move(entry));
      continue;
    }
    entry.rows = static_cast<int64_t>(tables[i].rows);
    STRATA_ASSIGN_OR_RETURN(std::string bytes, EncodeReport(entry.name, entry.columns, tables[i]));
    files.push_back({ReportFileName(entry.name), std::move(bytes), entry.rows});
    index.reports.push_back(std::move(entry));
  }
  files.push_back({kReportIndexName, EncodeReportIndex(index), 0});
  return files;
}

}  // namespace strata
