#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/reports/churn_reports.h"
#include "data/reports/class_reports.h"
#include "data/reports/cluster_reports.h"
#include "data/reports/lifetime_reports.h"
#include "data/reports/report.h"
#include "data/reports/reports.h"

namespace strata {
namespace {

std::vector<RegisteredReport> SortedByName(std::vector<RegisteredReport> reports) {
  std::sort(reports.begin(), reports.end(),
            [](const RegisteredReport& a, const RegisteredReport& b) { return a.info.name < b.info.name; });
  return reports;
}

// Whether a report goes beyond a limit of its own: that leaves it out, and nothing else of the night.
bool IsLeftOut(const absl::Status& status) { return status.code() == absl::StatusCode::kOutOfRange; }

// What a shard gives to a report.
struct Given {
  bool is_left_out = false;
  std::string_view bytes;  // the partial, or why there is none
};

// By report.
absl::StatusOr<std::vector<Given>> SplitBlob(std::string_view blob, size_t reports) {
  ByteReader reader(blob);
  std::vector<Given> partials;
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const bool is_left_out = reader.U8() != 0;
    partials.push_back({is_left_out, reader.Text()});
  }
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
    for (RegisteredReport& report : ChurnReports()) reports.push_back(std::move(report));
    for (RegisteredReport& report : ClassReports()) reports.push_back(std::move(report));
    for (RegisteredReport& report : ClusterReports()) reports.push_back(std::move(report));
    for (RegisteredReport& report : LifetimeReports()) reports.push_back(std::move(report));
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
    if (!partial.ok() && !IsLeftOut(partial.status())) {
      return WithContext(partial.status(), fmt::format("report {}", report->info.name));
    }
    writer.U8(partial.ok() ? 0 : 1);
    writer.Text(partial.ok() ? std::string_view(*partial) : StdView(partial.status().message()));
  }
  return writer.Take();
}

absl::StatusOr<std::vector<ReportTable>> FinishReports(const std::vector<const RegisteredReport*>& reports,
                                                       const std::vector<std::string>& shards,
                                                       const ReportFacts& facts) {
  std::vector<std::vector<std::string_view>> partials(reports.size());
  std::vector<ReportTable> tables(reports.size());
  for (const std::string& shard : shards) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<Given> of_shard, SplitBlob(shard, reports.size()));
    for (size_t i = 0; i < reports.size(); ++i) {
      if (!of_shard[i].is_left_out) {
        partials[i].push_back(of_shard[i].bytes);
      } else if (tables[i].left_out.empty()) {
        tables[i].left_out = of_shard[i].bytes;
      }
    }
  }
  for (size_t i = 0; i < reports.size(); ++i) {
    if (!tables[i].left_out.empty()) continue;
    absl::StatusOr<ReportTable> table = reports[i]->finish(partials[i], facts);
    if (!table.ok() && !IsLeftOut(table.status())) {
      return WithContext(table.status(), fmt::format("report {}", reports[i]->info.name));
    }
    if (table.ok()) {
      tables[i] = *std::move(table);
    } else {
      tables[i].left_out = std::string(StdView(table.status().message()));
    }
  }
  return tables;
}

}  // namespace strata
