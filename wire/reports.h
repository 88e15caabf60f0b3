// Reports on the wire: descriptions, rows a page at a time, and questions. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/reports/report_index.h"
#include "wire/names.h"

namespace strata {
namespace v1 {
class GetReportRequest;
class GetReportResponse;
class ListReportsRequest;
class Report;
}  // namespace v1

inline constexpr int32_t kDefaultReportRows = 1000;
inline constexpr int32_t kMaxReportRows = 10'000;
// A page ends before it grows beyond this: clients accept 4 MiB a message unless told otherwise, and a row is far
// smaller than the other half.
inline constexpr size_t kMaxReportPageBytes = 2 << 20;

void FillReport(const ReportEntry& entry, const std::string& job, v1::Report* message);
// INTERNAL (ANSWER_INVALID) for a type this program does not know.
absl::StatusOr<ReportEntry> ReadReport(const v1::Report& message);

// The rows from `begin` on, at most `rows` and at most kMaxReportPageBytes, but one at least where there is one.
// Returns the row that the next page begins with. Preconditions: the table is as `columns` have it, rows > 0.
size_t FillReportRows(const std::vector<ReportColumn>& columns, const ReportTable& table, size_t begin, size_t rows,
                      v1::GetReportResponse* response);
// Appends the rows of a page to `table`, which has the columns of `entry`. INTERNAL (ANSWER_INVALID) where the page is
// not as the columns have it.
absl::Status ReadReportRows(const v1::GetReportResponse& response, const std::vector<ReportColumn>& columns,
                            ReportTable* table);

struct ListReportsQuestion {
  SnapshotName snapshot;  // with its number on every page but the first
  uint64_t begin = 0;     // index among the reports
  int32_t page_size = 0;
};
// INVALID_ARGUMENT: NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListReportsQuestion> ReadListReports(const v1::ListReportsRequest& request);
// `snapshot` is the number that answered; `request` as it came.
std::string ReportsToken(const v1::ListReportsRequest& request, int64_t snapshot, uint64_t begin);

struct GetReportQuestion {
  ReportName name;     // its snapshot with the number on every page but the first
  uint64_t begin = 0;  // row
  int32_t page_size = 0;
};
// Errors as of ReadListReports.
absl::StatusOr<GetReportQuestion> ReadGetReport(const v1::GetReportRequest& request);
std::string ReportRowsToken(const v1::GetReportRequest& request, int64_t snapshot, uint64_t begin);

}  // namespace strata
