#include <fmt/format.h>

#include <cmath>

#include "data/ledger/arrow_bytes.h"
#include "data/snapshot/parquet_bytes.h"
#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

constexpr char kWhat[] = "reports/segments.parquet";

// Calls visit(name, &SegmentLine::member) for every column.
template <typename Visit>
void VisitColumns(Visit&& visit) {
  visit("kind", &SegmentLine::kind);
  visit("name", &SegmentLine::name);
  visit("customers", &SegmentLine::customers);
  visit("share", &SegmentLine::share);
  visit("mean_recency_days", &SegmentLine::mean_recency_days);
  visit("mean_purchase_days", &SegmentLine::mean_purchase_days);
  visit("mean_net", &SegmentLine::mean_net);
  visit("mean_p_alive", &SegmentLine::mean_p_alive);
  visit("mean_lifetime_value", &SegmentLine::mean_lifetime_value);
  visit("mean_churn_probability", &SegmentLine::mean_churn_probability);
  visit("sum_net", &SegmentLine::sum_net);
  visit("sum_lifetime_value", &SegmentLine::sum_lifetime_value);
}

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", kWhat, message));
}

std::optional<std::string> Cell(const std::string& value) { return value; }
std::optional<int64_t> Cell(int64_t value) { return value; }
std::optional<double> Cell(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

void SetCell(const arrow::Array& array, int64_t row, std::string* value) {
  *value = static_cast<const arrow::StringArray&>(array).GetString(row);
}
void SetCell(const arrow::Array& array, int64_t row, int64_t* value) {
  *value = static_cast<const arrow::Int64Array&>(array).Value(row);
}
void SetCell(const arrow::Array& array, int64_t row, double* value) {
  *value = array.IsNull(row) ? kAbsent : static_cast<const arrow::DoubleArray&>(array).Value(row);
}

// Fills one column of all lines. Texts and counts are never null, numbers are null where nothing is known.
template <typename T>
absl::Status ReadColumn(const arrow::Table& table, int index, const char* name, T SegmentLine::*member,
                        std::vector<SegmentLine>* lines) {
  const arrow::Field& field = *table.field(index);
  const arrow::ChunkedArray& column = *table.column(index);
  const auto type = arrow::CTypeTraits<T>::type_singleton();
  if (field.name() != name || !field.type()->Equals(type)) {
    return Corrupt(fmt::format("column {} is {}, expected is {}: {}", index, field.ToString(), name, type->ToString()));
  }
  if (!std::is_same_v<T, double> && column.null_count() > 0) return Corrupt(fmt::format("column {} has nulls", name));
  size_t line = 0;
  for (const auto& chunk : column.chunks()) {
    for (int64_t row = 0; row < chunk->length(); ++row) SetCell(*chunk, row, &((*lines)[line++].*member));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> EncodeSegmentsReport(const std::vector<SegmentLine>& lines) {
  TableColumns columns(lines.size());
  VisitColumns([&]<typename T>(const char* name, T SegmentLine::*member) {
    using Builder = typename arrow::CTypeTraits<T>::BuilderType;
    columns.Add<Builder>(name, arrow::CTypeTraits<T>::type_singleton(),
                         [&](size_t i) { return Cell(lines[i].*member); });
  });
  auto table = columns.Finish();
  if (!table.ok()) return FromArrow(table.status(), "SNAPSHOT_CORRUPT", kWhat);
  return WriteParquet(**table, {});
}

absl::StatusOr<std::vector<SegmentLine>> DecodeSegmentsReport(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(const auto table, ReadParquet(bytes, kWhat));
  int columns = 0;
  VisitColumns([&columns](const char*, auto) { ++columns; });
  if (table->num_columns() != columns) {
    return Corrupt(fmt::format("{} columns, expected are {}", table->num_columns(), columns));
  }
  std::vector<SegmentLine> lines(static_cast<size_t>(table->num_rows()));
  absl::Status status;
  int next = 0;
  VisitColumns([&]<typename T>(const char* name, T SegmentLine::*member) {
    if (status.ok()) status = ReadColumn(*table, next, name, member, &lines);
    ++next;
  });
  STRATA_RETURN_IF_ERROR(status);
  return lines;
}

}  // namespace strata
