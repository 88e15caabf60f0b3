#include "data/reports/report_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "data/snapshot/json_fields.h"

namespace strata {
namespace {

constexpr char kPlace[] = "reports/index.json";

// As they lie in JSON: types by name.
struct ColumnJson {
  std::string name, type, unit, meaning;
};

struct EntryJson {
  std::string name, title;
  std::vector<std::string> sources, tables;
  std::string method;
  std::vector<ColumnJson> columns;
  int64_t rows = 0;
  std::string skipped;
};

struct IndexJson {
  std::vector<EntryJson> reports;
};

template <typename V, Maybe<ColumnJson> M>
void VisitFields(V& visit, M& column) {
  visit("name", column.name);
  visit("type", column.type);
  visit("unit", column.unit);
  visit("meaning", column.meaning);
}

template <typename V, Maybe<EntryJson> M>
void VisitFields(V& visit, M& entry) {
  visit("name", entry.name);
  visit("title", entry.title);
  visit("sources", entry.sources);
  visit("tables", entry.tables);
  visit("method", entry.method);
  visit("columns", entry.columns);
  visit("rows", entry.rows);
  visit.OptionalField("skipped", entry.skipped);
}

template <typename V, Maybe<IndexJson> M>
void VisitFields(V& visit, M& index) {
  visit("reports", index.reports);
}

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", kPlace, message));
}

EntryJson ToJson(const ReportEntry& entry) {
  EntryJson json{.name = entry.name,
                 .title = entry.title,
                 .sources = entry.sources,
                 .tables = entry.tables,
                 .method = entry.method,
                 .columns = {},
                 .rows = entry.rows,
                 .skipped = entry.skipped};
  for (const ReportColumn& column : entry.columns) {
    json.columns.push_back({column.name, Name(column.type), column.unit, column.meaning});
  }
  return json;
}

absl::StatusOr<ReportEntry> FromJson(EntryJson json) {
  ReportEntry entry{.name = std::move(json.name),
                    .title = std::move(json.title),
                    .sources = std::move(json.sources),
                    .tables = std::move(json.tables),
                    .method = std::move(json.method),
                    .columns = {},
                    .rows = json.rows,
                    .skipped = std::move(json.skipped)};
  if (entry.name.empty()) return Corrupt("a report without a name");
  if (entry.rows < 0 || (!entry.skipped.empty() && entry.rows > 0)) {
    return Corrupt(fmt::format("report {} has {} rows{}", entry.name, entry.rows,
                               entry.skipped.empty() ? "" : " although it was skipped"));
  }
  for (ColumnJson& column : json.columns) {
    const std::optional<ReportType> type = ReportTypeNamed(column.type);
    if (!type.has_value()) {
      return Corrupt(
          fmt::format("report {}, column {} has type '{}', allowed are text, integer, money, number, share, "
                      "day and flag",
                      entry.name, column.name, column.type));
    }
    entry.columns.push_back({std::move(column.name), *type, std::move(column.unit), std::move(column.meaning)});
  }
  return entry;
}

}  // namespace

const ReportEntry* ReportIndex::Find(std::string_view name) const {
  for (const ReportEntry& entry : reports) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::string ReportFileName(std::string_view report) { return fmt::format("reports/{}.parquet", report); }

std::string EncodeReportIndex(const ReportIndex& index) {
  IndexJson json;
  for (const ReportEntry& entry : index.reports) json.reports.push_back(ToJson(entry));
  std::sort(json.reports.begin(), json.reports.end(),
            [](const EntryJson& a, const EntryJson& b) { return a.name < b.name; });
  return JsonText(kReportIndexVersion, JsonWriter::Write(json));
}

absl::StatusOr<ReportIndex> DecodeReportIndex(std::string_view json) {
  STRATA_ASSIGN_OR_RETURN(const Json object, ParseJsonObject(kReportIndexVersion, json, kPlace));
  IndexJson parsed;
  STRATA_RETURN_IF_ERROR(JsonReader::Read(object, kPlace, &parsed));
  ReportIndex index;
  for (EntryJson& entry_json : parsed.reports) {
    STRATA_ASSIGN_OR_RETURN(ReportEntry entry, FromJson(std::move(entry_json)));
    if (!index.reports.empty() && index.reports.back().name >= entry.name) {
      return Corrupt(fmt::format("report {} is out of order or repeated", entry.name));
    }
    index.reports.push_back(std::move(entry));
  }
  return index;
}

ReportEntry SegmentsReportEntry(int64_t rows) {
  const auto mean = [](const char* name, const char* unit, const char* meaning) {
    return ReportColumn{name, ReportType::kNumber, unit, meaning};
  };
  return {.name = kSegmentsReportName,
          .title = "Segments and clusters",
          .sources = {"A1", "A2"},
          .tables = {},
          .method =
              "Customers by RFM segment, by cluster, and the class of those without a purchase. The segments of "
              "one kind do not overlap; means are over those of whom the number is known.",
          .columns = {{"kind", ReportType::kText, "", "What the segment is of: rfm, cluster or class."},
                      {"name", ReportType::kText, "", "The segment."},
                      {"customers", ReportType::kInteger, "customers", "Customers in it."},
                      {"share", ReportType::kShare, "1", "Its share of all customers."},
                      mean("mean_recency_days", "days", "Mean days from the last purchase day to the date."),
                      mean("mean_purchase_days", "days", "Mean number of purchase days."),
                      mean("mean_net", "currency", "Mean net amount."),
                      mean("mean_p_alive", "1", "Mean probability of still being a customer."),
                      mean("mean_lifetime_value", "currency", "Mean lifetime value."),
                      mean("mean_churn_probability", "1", "Mean churn probability of those at risk."),
                      mean("sum_net", "currency", "Sum of the net amounts."),
                      mean("sum_lifetime_value", "currency", "Sum of the lifetime values.")},
          .rows = rows,
          .skipped = {}};
}

absl::StatusOr<ReportIndex> ReadReportIndex(ObjectStore& store, const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries) {
    if (entry.name != kReportIndexName) continue;
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(store, entry.key, entry.checksum));
    absl::StatusOr<ReportIndex> index = DecodeReportIndex(view->bytes());
    if (!index.ok()) return WithContext(index.status(), entry.key);
    return index;
  }
  return ReportIndex();
}

absl::StatusOr<ManifestEntry> FindReportFile(const ReportIndex& index, const Manifest& manifest,
                                             std::string_view report) {
  const ReportEntry* entry = index.Find(report);
  const std::map<std::string, std::string> metadata = {{"job", manifest.job}, {"report", std::string(report)}};
  if (entry == nullptr) {
    std::string known;
    for (const ReportEntry& other : index.reports) known += (known.empty() ? "" : ", ") + other.name;
    return MakeError(absl::StatusCode::kNotFound, "REPORT_UNKNOWN",
                     fmt::format("snapshot {} of job {} has no report '{}'; it has {}", manifest.number, manifest.job,
                                 report, known.empty() ? "none" : known),
                     metadata);
  }
  if (!entry->skipped.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "REPORT_SKIPPED",
                     fmt::format("snapshot {} of job {} was made without report {}: {}", manifest.number, manifest.job,
                                 report, entry->skipped),
                     metadata);
  }
  for (const ManifestEntry& file : manifest.entries) {
    if (file.name == ReportFileName(report)) return file;
  }
  return Corrupt(fmt::format("report {} is listed, the manifest has no {}", report, ReportFileName(report)));
}

absl::StatusOr<ReportTable> ReadReportTable(ObjectStore& store, const ManifestEntry& file, const ReportEntry& entry) {
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(store, file.key, file.checksum));
  absl::StatusOr<ReportTable> table = DecodeReport(entry.name, view->bytes(), entry.columns);
  if (!table.ok()) return WithContext(table.status(), file.key);
  if (std::cmp_not_equal(table->rows, entry.rows)) {
    return Corrupt(fmt::format("report {} has {} rows, listed are {}", entry.name, table->rows, entry.rows));
  }
  return table;
}

}  // namespace strata
