// The job's own segments of a snapshot, read back from their report.
#include <arrow/api.h>
#include <fmt/format.h>

#include <optional>

#include "data/snapshot/parquet_bytes.h"
#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

absl::Status Corrupt(std::string_view message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                   fmt::format("{}: {}", kUserSegmentsReport, message));
}

// A column in one piece, of the type that the report declares.
absl::StatusOr<std::shared_ptr<arrow::Array>> Whole(const arrow::Table& table, const char* name,
                                                    const std::shared_ptr<arrow::DataType>& type) {
  const auto column = table.GetColumnByName(name);
  if (column == nullptr || !column->type()->Equals(type)) {
    return Corrupt(fmt::format("column {} is {}, expected is {}", name,
                               column == nullptr ? "missing" : column->type()->ToString(), type->ToString()));
  }
  const auto joined = column->num_chunks() == 1   ? arrow::Result<std::shared_ptr<arrow::Array>>(column->chunk(0))
                      : column->num_chunks() == 0 ? arrow::MakeEmptyArray(type)
                                                  : arrow::Concatenate(column->chunks());
  if (!joined.ok()) return Corrupt(joined.status().ToString());
  return *joined;
}

template <typename Array>
auto Known(const std::shared_ptr<arrow::Array>& array, int64_t row) {
  const auto& typed = static_cast<const Array&>(*array);
  return typed.IsNull(row) ? std::nullopt : std::optional(typed.GetView(row));
}

}  // namespace

absl::StatusOr<std::vector<SegmentLine>> DecodeUserSegments(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(const auto table, ReadParquet(bytes, kUserSegmentsReport));
  STRATA_ASSIGN_OR_RETURN(const auto names, Whole(*table, "name", arrow::utf8()));
  STRATA_ASSIGN_OR_RETURN(const auto titles, Whole(*table, "title", arrow::utf8()));
  STRATA_ASSIGN_OR_RETURN(const auto conditions, Whole(*table, "condition", arrow::utf8()));
  STRATA_ASSIGN_OR_RETURN(const auto customers, Whole(*table, "customers", arrow::int64()));
  STRATA_ASSIGN_OR_RETURN(const auto entered, Whole(*table, "entered", arrow::int64()));
  STRATA_ASSIGN_OR_RETURN(const auto left, Whole(*table, "left", arrow::int64()));
  STRATA_ASSIGN_OR_RETURN(const auto shares, Whole(*table, "share", arrow::float64()));
  STRATA_ASSIGN_OR_RETURN(const auto means, Whole(*table, "mean_net", arrow::float64()));
  std::vector<SegmentLine> lines;
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    SegmentLine& line = lines.emplace_back();
    line.kind = kUserKind;
    line.name = std::string(Known<arrow::StringArray>(names, row).value_or(""));
    line.title = std::string(Known<arrow::StringArray>(titles, row).value_or(""));
    line.condition = std::string(Known<arrow::StringArray>(conditions, row).value_or(""));
    line.customers = Known<arrow::Int64Array>(customers, row).value_or(0);
    line.entered = Known<arrow::Int64Array>(entered, row);
    line.left = Known<arrow::Int64Array>(left, row);
    line.share = Known<arrow::DoubleArray>(shares, row).value_or(kAbsent);
    line.mean_net = Known<arrow::DoubleArray>(means, row).value_or(kAbsent);
    // The report has no other figures of them.
    line.mean_recency_days = line.mean_purchase_days = kAbsent;
    line.mean_p_alive = line.mean_lifetime_value = line.mean_churn_probability = kAbsent;
    line.sum_net = line.mean_net * static_cast<double>(line.customers);
    line.sum_lifetime_value = kAbsent;
    if (line.name.empty()) return Corrupt("a segment has no name");
  }
  return lines;
}

}  // namespace strata
