#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/reports/class_reports.h"
#include "data/reports/report.h"
#include "data/reports/reports.h"

namespace strata {
namespace {

std::vector<RegisteredReport> SortedByName(std::vector<RegisteredReport> reports) {
  std::sort(reports.begin(), reports.end(),
            [](const RegisteredReport& a, const RegisteredReport& b) { return a.info.name < b.info.name; });
  return reports;
}

// The partials of a shard, by report.
absl::StatusOr<std::vector<std::string_view>> SplitBlob(std::string_view blob, size_t reports) {
  ByteReader reader(blob);
  std::vector<std::string_view> partials;
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) partials.push_back(reader.Text());
  STRATA_RETURN_IF_ERROR(reader.Finish("partials of reports"));
  if (partials.size() != reports) {
    return MakeError(absl::StatusCode::kDataLoss, "REPORT_PARTIAL_CORRUPT",
                     fmt::format("a shard has partials of {} reports, asked for were {}", partials.size(), reports));
  }
  return partials;
}

}  // namespace

const std::vector<RegisteredReport>& AllReports() {
  static const std::vector<RegisteredReport> kReports = [] {
    std::vector<RegisteredReport> reports = {CompletenessReport(),  QualityColumnsReport(), QualityRejectsReport(),
                                             QualityTablesReport(), SegmentOverlapReport(), UserSegmentsReport()};
    for (RegisteredReport& report : ClassReports()) reports.push_back(std::move(report));
    return SortedByName(std::move(reports));
  }();
  return kReports;
}

const RegisteredReport* FindReport(std::string_view name) {
  for (const RegisteredReport& report : AllReports()) {
    if (report.info.name == name) return &report;
  }
  return nullptr;
}

absl::StatusOr<std::string> AccumulateReports(const std::vector<const RegisteredReport*>& reports,
                                              const ReportShard& shard) {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(reports.size()));
  for (const RegisteredReport* report : reports) {
    const absl::StatusOr<std::string> partial = report->accumulate(shard);
    if (!partial.ok()) return WithContext(partial.status(), fmt::format("report {}", report->info.name));
    writer.Text(*partial);
  }
  return writer.Take();
}

absl::StatusOr<std::vector<ReportTable>> FinishReports(const std::vector<const RegisteredReport*>& reports,
                                                       const std::vector<std::string>& shards,
                                                       const ReportFacts& facts) {
  std::vector<std::vector<std::string_view>> partials(reports.size());
  for (const std::string& shard : shards) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<std::string_view> of_shard, SplitBlob(shard, reports.size()));
    for (size_t i = 0; i < reports.size(); ++i) partials[i].push_back(of_shard[i]);
  }
  std::vector<ReportTable> tables;
  for (size_t i = 0; i < reports.size(); ++i) {
    absl::StatusOr<ReportTable> table = reports[i]->finish(partials[i], facts);
    if (!table.ok()) return WithContext(table.status(), fmt::format("report {}", reports[i]->info.name));
    tables.push_back(*std::move(table));
  }
  return tables;
}

}  // namespace strata
