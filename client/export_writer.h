// Where an export goes: a CSV or a Parquet file, with the same columns. Both are written beside the target and renamed
// to it by Finish, so that a file of that name is always complete; without Finish nothing is left behind. Not
// thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "client/connection.h"
#include "model/classes/schemes.h"

namespace strata {

// Columns of an export, named as in a snapshot's own Parquet files. Dates as days, `net` as exact decimal in the
// currency, clusters by their id, flags as booleans; what is absent is null (CSV: empty). Numbers of the outlook are
// floats, and a date of it that is never reached or too far off is null, with _never or _beyond true.
// Reasons of churn are the group, its strongest feature, the group's contribution and the feature's value.
inline constexpr std::array<std::string_view, 72> kExportColumns = {"customer_id",
                                                                    "first_purchase_date",
                                                                    "last_purchase_date",
                                                                    "purchase_days",
                                                                    "rows",
                                                                    "return_rows",
                                                                    "net",
                                                                    "recency_score",
                                                                    "frequency_score",
                                                                    "monetary_score",
                                                                    "rfm_segment",
                                                                    "cluster",
                                                                    "cluster_name",
                                                                    "cluster_distance",
                                                                    "second_cluster",
                                                                    "p_alive",
                                                                    "expected_purchases",
                                                                    "p_no_purchase",
                                                                    "expected_spend",
                                                                    "lifetime_value",
                                                                    "churn_probability",
                                                                    "p_alive_low",
                                                                    "p_alive_high",
                                                                    "expected_purchases_low",
                                                                    "expected_purchases_high",
                                                                    "p_no_purchase_low",
                                                                    "p_no_purchase_high",
                                                                    "expected_spend_low",
                                                                    "expected_spend_high",
                                                                    "lifetime_value_low",
                                                                    "lifetime_value_high",
                                                                    "lifetime_value_by_period",
                                                                    "residual_value",
                                                                    "overdue_ratio",
                                                                    "p_silence",
                                                                    "next_purchase_10",
                                                                    "next_purchase_10_never",
                                                                    "next_purchase_10_beyond",
                                                                    "next_purchase_50",
                                                                    "next_purchase_50_never",
                                                                    "next_purchase_50_beyond",
                                                                    "next_purchase_90",
                                                                    "next_purchase_90_never",
                                                                    "next_purchase_90_beyond",
                                                                    "predicted_purchases_low",
                                                                    "predicted_purchases_high",
                                                                    "predicted_spend_low",
                                                                    "predicted_spend_high",
                                                                    "predicted_value_low",
                                                                    "predicted_value_high",
                                                                    "churn_margin",
                                                                    "value_at_risk",
                                                                    "churn_band",
                                                                    "churn_reason_1",
                                                                    "churn_reason_1_feature",
                                                                    "churn_reason_1_contribution",
                                                                    "churn_reason_1_value",
                                                                    "churn_reason_2",
                                                                    "churn_reason_2_feature",
                                                                    "churn_reason_2_contribution",
                                                                    "churn_reason_2_value",
                                                                    "churn_reason_3",
                                                                    "churn_reason_3_feature",
                                                                    "churn_reason_3_contribution",
                                                                    "churn_reason_3_value",
                                                                    "no_purchase",
                                                                    "spend_from_population",
                                                                    "spend_not_positive",
                                                                    "churn_inactive",
                                                                    "outlier",
                                                                    "cluster_missing",
                                                                    "churn_from_lifetime"};
// Then one of text for every scheme of docs/classes.md, in every export: null where a customer has no class in it, or
// the job does not ask for it.
inline constexpr size_t kExportWidth = kExportColumns.size() + kSchemes;
std::string ClassColumn(SchemeId scheme);  // class_<scheme>
// The class of a row in a scheme; nullopt: none.
std::optional<std::string_view> ClassIn(const ExportedScore& row, SchemeId scheme);

class ExportWriter {
 public:
  virtual ~ExportWriter() = default;
  virtual absl::Status Write(const ExportChunk& chunk) = 0;
  // Writes what is left and makes the file appear. RESOURCE_EXHAUSTED or INTERNAL (EXPORT_UNWRITTEN) names the file.
  virtual absl::Status Finish() = 0;
};

// OK for a file that can be one: INVALID_ARGUMENT (FLAG_INVALID) unless it ends in .csv or .parquet and its folder is
// there.
absl::Status CheckExportPath(const std::string& path);

// By the ending of `path`: .csv or .parquet. INVALID_ARGUMENT (FLAG_INVALID) for another ending; errors to create the
// file.
absl::StatusOr<std::unique_ptr<ExportWriter>> NewExportWriter(const std::string& path);
absl::StatusOr<std::unique_ptr<ExportWriter>> NewCsvWriter(const std::string& path);
absl::StatusOr<std::unique_ptr<ExportWriter>> NewParquetWriter(const std::string& path);

// What both share: the name it is written under, and the end.
std::string PartialPath(const std::string& path);
absl::Status CannotWrite(const std::string& path, std::string_view why);
// Renames the partial file to `path`.
absl::Status Reveal(const std::string& path);

// One field of a CSV file by RFC 4180: quoted where it has a comma, a quote, a line break or outer blanks.
std::string CsvField(std::string_view text);
std::string CsvHeader();
std::string CsvRow(const ExportedScore& row);

}  // namespace strata
