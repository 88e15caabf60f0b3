#include <fmt/format.h>

#include <utility>

#include "client/call.h"
#include "client/connection.h"
#include "strata/v1/report_service.grpc.pb.h"
#include "wire/reports.h"

namespace strata {
namespace {

// jobs/{job} or jobs/{job}/snapshots/{number}
std::string Prefix(const SnapshotName& snapshot) {
  return snapshot.is_current() ? JobResource(snapshot.job) : SnapshotResource(snapshot.job, snapshot.number);
}

}  // namespace

absl::StatusOr<ReportsAnswer> Connection::Reports(const SnapshotName& snapshot) const {
  const auto stub = v1::ReportService::NewStub(channel_);
  v1::ListReportsRequest request;
  request.set_parent(Prefix(snapshot));
  ReportsAnswer answer;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::ReportService::Stub::ListReports, request, where_, kCallTimeoutMs,
                                   [&answer](const v1::ListReportsResponse& page) -> absl::Status {
                                     STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(page.info()));
                                     for (const v1::Report& message : page.reports()) {
                                       STRATA_ASSIGN_OR_RETURN(ReportEntry entry, ReadReport(message));
                                       answer.reports.push_back(std::move(entry));
                                     }
                                     return absl::OkStatus();
                                   }));
  return answer;
}

absl::StatusOr<ReportAnswer> Connection::Report(const SnapshotName& snapshot, const std::string& report) const {
  const auto stub = v1::ReportService::NewStub(channel_);
  v1::GetReportRequest request;
  request.set_name(Prefix(snapshot) + "/reports/" + report);
  request.set_page_size(kMaxReportRows);
  ReportAnswer answer;
  bool first = true;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::ReportService::Stub::GetReport, request, where_, kCallTimeoutMs,
                                   [&answer, &first](const v1::GetReportResponse& page) -> absl::Status {
                                     STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(page.info()));
                                     STRATA_ASSIGN_OR_RETURN(answer.report, ReadReport(page.report()));
                                     if (first) answer.table = EmptyTable(answer.report.columns.size());
                                     first = false;
                                     if (answer.table.whole.size() != answer.report.columns.size()) {
                                       return AnswerInvalid("report.columns", "differ from those of the page before");
                                     }
                                     return ReadReportRows(page, answer.report.columns, &answer.table);
                                   }));
  if (std::cmp_not_equal(answer.table.rows, answer.report.rows)) {
    return AnswerInvalid("values", fmt::format("{} of {} rows came", answer.table.rows, answer.report.rows));
  }
  STRATA_RETURN_IF_ERROR(CheckReportTable(report, answer.report.columns, answer.table));
  return answer;
}

}  // namespace strata
