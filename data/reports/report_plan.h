// Which reports a run makes, and what it publishes of them: their files and the list of all. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/reports/report.h"

namespace strata {

// What the list says of a report, without rows or a reason. Tables have the names that `offer` gives them;
// transactions, which every job has, are left out.
ReportEntry Describe(const ReportInfo& info, const ReportOffer& offer);

struct ReportPlan {
  std::vector<const RegisteredReport*> run;  // by name: the order of partials in a shard's blob
  std::vector<ReportEntry> skipped;          // with their reasons
};
// `asked` has each report once, in any order.
ReportPlan PlanReports(std::vector<const RegisteredReport*> asked, const ReportOffer& offer);

// Those that the job asks for, and those on its own segments where it has any; `segments`, which every snapshot has,
// may be among the first. INVALID_ARGUMENT (JOB_INVALID) names one that this build does not have, and what it has.
absl::StatusOr<ReportPlan> PlanReports(const Job& job, const ReportOffer& offer);
// The same error alone, for whoever takes a job in; `file_name` is for the message.
absl::Status CheckReportNames(const Job& job, std::string_view file_name);

struct ReportFile {
  std::string name;  // logical, of the manifest
  std::string bytes;
  int64_t rows = 0;
};
// The reports' Parquet files, then the list. `tables` are FinishReports' for plan.run; `others` describe reports that
// are files of the snapshot already (SegmentsReportEntry). Precondition: names are unique. REPORT_INVALID as
// EncodeReport.
absl::StatusOr<std::vector<ReportFile>> EncodeReports(const ReportPlan& plan, const std::vector<ReportTable>& tables,
                                                      const std::vector<ReportEntry>& others, const ReportOffer& offer);

}  // namespace strata
