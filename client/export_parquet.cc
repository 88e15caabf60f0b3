#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <cmath>
#include <optional>
#include <utility>

#include "client/export_writer.h"
#include "client/partial_parquet_file.h"
#include "data/snapshot/outlook_fields.h"

namespace strata {
namespace {

constexpr int kDecimalDigits = 38;  // all that decimal128 has
constexpr int kMicrosDecimals = 6;  // of a net amount

using Rows = std::vector<ExportedScore>;

// One column: `value_of` gives a row's value, nullopt for null.
template <typename Builder, typename ValueOf>
arrow::Result<std::shared_ptr<arrow::Array>> Column(const std::shared_ptr<arrow::DataType>& type, const Rows& rows,
                                                    ValueOf value_of) {
  Builder builder(type, arrow::default_memory_pool());
  ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<int64_t>(rows.size())));
  for (const ExportedScore& row : rows) {
    const auto value = value_of(row);
    ARROW_RETURN_NOT_OK(value.has_value() ? builder.Append(*value) : builder.AppendNull());
  }
  return builder.Finish();
}

// Columns in the order in which they are added; fields and arrays stay in step.
class ColumnList {
 public:
  explicit ColumnList(const Rows& rows) : rows_(rows) {}

  template <typename Builder, typename ValueOf>
  void Add(const std::shared_ptr<arrow::DataType>& type, ValueOf value_of) {
    if (!status_.ok()) return;
    auto column = Column<Builder>(type, rows_, value_of);
    status_ = column.status();
    if (!status_.ok()) return;
    const size_t place = fields_.size();
    const bool is_class = place >= kExportColumns.size();
    fields_.push_back(arrow::field(is_class ? ClassColumn(static_cast<SchemeId>(place - kExportColumns.size()))
                                            : std::string(kExportColumns[place]),
                                   type));
    columns_.push_back(*std::move(column));
  }
  void AddDate(Day CustomerScore::*day) {
    Add<arrow::Date32Builder>(arrow::date32(), [day](const ExportedScore& row) {
      return row.score.purchase_days > 0 ? std::optional(row.score.*day) : std::nullopt;
    });
  }
  void AddCount(int32_t CustomerScore::*count) {
    Add<arrow::Int32Builder>(arrow::int32(),
                             [count](const ExportedScore& row) { return std::optional(row.score.*count); });
  }
  void AddRfmScore(uint8_t CustomerScore::*score) {
    Add<arrow::Int32Builder>(arrow::int32(), [score](const ExportedScore& row) {
      const int32_t value = row.score.*score;
      return value > 0 ? std::optional(value) : std::nullopt;
    });
  }
  void AddCluster(int16_t CustomerScore::*cluster) {
    Add<arrow::Int32Builder>(arrow::int32(), [cluster](const ExportedScore& row) {
      const int32_t value = row.score.*cluster;
      return value < 0 ? std::nullopt : std::optional(value + 1);
    });
  }
  void AddNumber(double CustomerScore::*number) {
    Add<arrow::DoubleBuilder>(arrow::float64(), [number](const ExportedScore& row) {
      return std::isnan(row.score.*number) ? std::nullopt : std::optional(row.score.*number);
    });
  }
  void AddFlag(uint32_t flag) {
    Add<arrow::BooleanBuilder>(
        arrow::boolean(), [flag](const ExportedScore& row) { return std::optional((row.score.flags & flag) != 0); });
  }

  void AddChurn() {
    for (double CustomerChurn::*number : {&CustomerChurn::margin, &CustomerChurn::value_at_risk}) {
      Add<arrow::DoubleBuilder>(arrow::float64(), [number](const ExportedScore& row) {
        const double value = row.score.churn.*number;
        return std::isnan(value) ? std::nullopt : std::optional(value);
      });
    }
    Add<arrow::StringBuilder>(arrow::utf8(), [](const ExportedScore& row) {
      const ChurnBand band = row.score.churn.band;
      return band == ChurnBand::kNone ? std::nullopt : std::optional<std::string_view>(Name(band));
    });
    for (size_t i = 0; i < kChurnReasons; ++i) {
      for (std::string NamedReason::*text : {&NamedReason::group, &NamedReason::feature}) {
        Add<arrow::StringBuilder>(arrow::utf8(), [i, text](const ExportedScore& row) {
          return i < row.reasons.size() ? std::optional<std::string_view>(row.reasons[i].*text) : std::nullopt;
        });
      }
      for (float NamedReason::*number : {&NamedReason::contribution, &NamedReason::value}) {
        Add<arrow::FloatBuilder>(arrow::float32(), [i, number](const ExportedScore& row) {
          const bool there = i < row.reasons.size() && !std::isnan(row.reasons[i].*number);
          return there ? std::optional(row.reasons[i].*number) : std::nullopt;
        });
      }
    }
  }

  // Of outlooks (VisitOutlook).
  void Number(std::string_view, double CustomerOutlook::*member) {
    Add<arrow::FloatBuilder>(arrow::float32(), [member](const ExportedScore& row) {
      const auto value = static_cast<float>(row.score.outlook.*member);
      return std::isnan(value) ? std::nullopt : std::optional(value);
    });
  }
  void Date(std::string_view, size_t place) {
    const auto day = [place](const ExportedScore& row) { return row.score.outlook.next_purchase.at(place); };
    Add<arrow::Date32Builder>(arrow::date32(), [day](const ExportedScore& row) {
      const bool is_day = day(row) != kUnknownDay && day(row) != kNeverDay && day(row) != kBeyondDay;
      return is_day ? std::optional(day(row)) : std::nullopt;
    });
    for (const Day special : {kNeverDay, kBeyondDay}) {
      Add<arrow::BooleanBuilder>(arrow::boolean(), [day, special](const ExportedScore& row) {
        return day(row) == kUnknownDay ? std::nullopt : std::optional(day(row) == special);
      });
    }
  }
  void Count(std::string_view, int32_t CustomerOutlook::*member) {
    Add<arrow::Int32Builder>(arrow::int32(), [member](const ExportedScore& row) {
      const int32_t count = row.score.outlook.*member;
      return count < 0 ? std::nullopt : std::optional(count);
    });
  }

  arrow::Result<std::shared_ptr<arrow::Table>> Finish(const std::shared_ptr<arrow::KeyValueMetadata>& metadata) {
    ARROW_RETURN_NOT_OK(status_);
    return arrow::Table::Make(arrow::schema(fields_, metadata), columns_, static_cast<int64_t>(rows_.size()));
  }

 private:
  const Rows& rows_;
  arrow::Status status_;
  arrow::FieldVector fields_;
  arrow::ArrayVector columns_;
};

arrow::Result<std::shared_ptr<arrow::Table>> ToTable(const Rows& rows,
                                                     const std::shared_ptr<arrow::KeyValueMetadata>& metadata) {
  ColumnList columns(rows);
  columns.Add<arrow::StringBuilder>(arrow::utf8(),
                                    [](const ExportedScore& row) { return std::optional<std::string_view>(row.id); });
  columns.AddDate(&CustomerScore::first_day);
  columns.AddDate(&CustomerScore::last_day);
  columns.AddCount(&CustomerScore::purchase_days);
  columns.AddCount(&CustomerScore::rows);
  columns.AddCount(&CustomerScore::return_rows);
  columns.Add<arrow::Decimal128Builder>(
      arrow::decimal128(kDecimalDigits, kMicrosDecimals),
      [](const ExportedScore& row) { return std::optional(arrow::Decimal128(row.score.net_micros)); });
  columns.AddRfmScore(&CustomerScore::recency_score);
  columns.AddRfmScore(&CustomerScore::frequency_score);
  columns.AddRfmScore(&CustomerScore::monetary_score);
  columns.Add<arrow::StringBuilder>(arrow::utf8(), [](const ExportedScore& row) {
    const RfmSegment segment = row.score.segment;
    return segment == RfmSegment::kNone ? std::nullopt : std::optional<std::string_view>(Name(segment));
  });
  columns.AddCluster(&CustomerScore::cluster);
  columns.Add<arrow::StringBuilder>(arrow::utf8(), [](const ExportedScore& row) {
    return row.cluster_name.empty() ? std::nullopt : std::optional<std::string_view>(row.cluster_name);
  });
  columns.Add<arrow::FloatBuilder>(arrow::float32(), [](const ExportedScore& row) {
    const float distance = row.score.cluster_distance;
    return std::isnan(distance) ? std::nullopt : std::optional(distance);
  });
  columns.AddCluster(&CustomerScore::second_cluster);
  columns.AddNumber(&CustomerScore::p_alive);
  columns.AddNumber(&CustomerScore::expected_purchases);
  columns.AddNumber(&CustomerScore::p_no_purchase);
  columns.AddNumber(&CustomerScore::expected_spend);
  columns.AddNumber(&CustomerScore::lifetime_value);
  columns.AddNumber(&CustomerScore::churn_probability);
  VisitOutlook(columns);
  columns.AddChurn();
  columns.AddFlag(kFlagNoPurchase);
  columns.AddFlag(kFlagSpendFromPopulation);
  columns.AddFlag(kFlagSpendNotPositive);
  columns.AddFlag(kFlagChurnInactive);
  columns.AddFlag(kFlagOutlier);
  columns.AddFlag(kFlagClusterMissing);
  columns.AddFlag(kFlagChurnFromLifetime);
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    columns.Add<arrow::StringBuilder>(arrow::utf8(), [scheme = static_cast<SchemeId>(slot)](const ExportedScore& row) {
      return ClassIn(row, scheme);
    });
  }
  return columns.Finish(metadata);
}

class ParquetWriter final : public ExportWriter {
 public:
  explicit ParquetWriter(const std::string& path) : file_(path) {}
  absl::Status Open() { return file_.Open(); }

  absl::Status Write(const ExportChunk& chunk) override {
    info_ = chunk.info;
    rows_.insert(rows_.end(), chunk.rows.begin(), chunk.rows.end());
    return std::cmp_less(rows_.size(), kExportRowsPerGroup) ? absl::OkStatus() : Flush();
  }

  absl::Status Finish() override {
    if (!rows_.empty() || !file_.has_schema()) STRATA_RETURN_IF_ERROR(Flush());
    return file_.Finish();
  }

 private:
  // What a reader wants to know of the file as a whole.
  std::shared_ptr<arrow::KeyValueMetadata> Metadata() const {
    return arrow::key_value_metadata(
        {"strata.job", "strata.snapshot", "strata.as_of", "strata.digest", "strata.currency"},
        {info_.job, std::to_string(info_.number), FormatDay(info_.as_of), info_.digest, info_.currency});
  }

  absl::Status Flush() {
    const auto table = ToTable(rows_, Metadata());
    STRATA_RETURN_IF_ERROR(table.ok() ? file_.Write(**table) : file_.Say(table.status()));
    rows_.clear();
    return absl::OkStatus();
  }

  PartialParquetFile file_;
  AnswerFacts info_;
  Rows rows_;  // of the row group being filled
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExportWriter>> NewParquetWriter(const std::string& path) {
  auto writer = std::make_unique<ParquetWriter>(path);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata
