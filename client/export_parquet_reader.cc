#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include <charconv>
#include <optional>

#include "client/export_reader.h"
#include "client/export_writer.h"
#include "data/snapshot/outlook_fields.h"

namespace strata {
namespace {

constexpr int kMicrosDecimals = 6;  // of a net amount, as the writer has it

absl::Status Unreadable(const std::string& path, std::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "EXPORT_UNREADABLE",
                   fmt::format("{}: {}; wanted is a file of `strata export --out FILE.parquet`", path, why),
                   {{"file", path}});
}

std::optional<RfmSegment> SegmentNamed(std::string_view name) {
  for (int number = 1; number <= kRfmSegments; ++number) {
    if (name == Name(static_cast<RfmSegment>(number))) return static_cast<RfmSegment>(number);
  }
  return std::nullopt;
}

// The columns of one batch, which have been compared with the writer's types.
class Batch {
 public:
  explicit Batch(const arrow::RecordBatch& batch) : batch_(batch) {}

  template <typename Array>
  const Array& Of(int column) const {
    return static_cast<const Array&>(*batch_.column(column));
  }
  template <typename Array, typename Value>
  Value ValueOr(int column, int64_t row, Value absent) const {
    const Array& array = Of<Array>(column);
    return array.IsNull(row) ? absent : static_cast<Value>(array.Value(row));
  }

 private:
  const arrow::RecordBatch& batch_;
};

// Reads an outlook from the columns from `column` on.
struct OutlookReader {
  const Batch& batch;
  int64_t row;
  int column;
  CustomerOutlook* outlook;

  void Number(std::string_view, double CustomerOutlook::*member) {
    outlook->*member = batch.ValueOr<arrow::FloatArray, float>(column++, row, kAbsentFloat);
  }
  void Date(std::string_view, size_t place) {
    Day day = batch.ValueOr<arrow::Date32Array, Day>(column++, row, kUnknownDay);
    if (batch.ValueOr<arrow::BooleanArray, bool>(column++, row, false)) day = kNeverDay;
    if (batch.ValueOr<arrow::BooleanArray, bool>(column++, row, false)) day = kBeyondDay;
    outlook->next_purchase.at(place) = day;
  }
  void Count(std::string_view, int32_t CustomerOutlook::*member) {
    outlook->*member = batch.ValueOr<arrow::Int32Array, int32_t>(column++, row, -1);
  }
};

absl::Status ReadChurnOf(const Batch& batch, int64_t row, const std::string& path, int* column, ExportedScore* result) {
  CustomerChurn& churn = result->score.churn;
  churn.margin = batch.ValueOr<arrow::DoubleArray, double>((*column)++, row, kAbsent);
  churn.value_at_risk = batch.ValueOr<arrow::DoubleArray, double>((*column)++, row, kAbsent);
  if (const auto& bands = batch.Of<arrow::StringArray>((*column)++); !bands.IsNull(row)) {
    const std::string_view name = bands.GetView(row);
    for (const ChurnBand band : {ChurnBand::kLow, ChurnBand::kMedium, ChurnBand::kHigh}) {
      if (name == Name(band)) churn.band = band;
    }
    if (churn.band == ChurnBand::kNone) return Unreadable(path, fmt::format("'{}' is no churn band", name));
  }
  for (size_t i = 0; i < kChurnReasons; ++i) {
    const auto& groups = batch.Of<arrow::StringArray>((*column)++);
    const auto& features = batch.Of<arrow::StringArray>((*column)++);
    NamedReason reason;
    reason.contribution = batch.ValueOr<arrow::FloatArray, float>((*column)++, row, kAbsentFloat);
    reason.value = batch.ValueOr<arrow::FloatArray, float>((*column)++, row, kAbsentFloat);
    if (groups.IsNull(row)) continue;
    if (features.IsNull(row)) return Unreadable(path, "a churn reason without a feature");
    reason.group = std::string(groups.GetView(row));
    reason.feature = std::string(features.GetView(row));
    result->reasons.push_back(std::move(reason));
  }
  return absl::OkStatus();
}

absl::Status ReadRow(const Batch& batch, int64_t row, const std::string& path, ExportedScore* result) {
  CustomerScore& score = result->score;
  int column = 0;
  result->id = std::string(batch.Of<arrow::StringArray>(column++).GetView(row));
  score.first_day = batch.ValueOr<arrow::Date32Array, Day>(column++, row, 0);
  score.last_day = batch.ValueOr<arrow::Date32Array, Day>(column++, row, 0);
  score.purchase_days = batch.ValueOr<arrow::Int32Array, int32_t>(column++, row, 0);
  score.rows = batch.ValueOr<arrow::Int32Array, int32_t>(column++, row, 0);
  score.return_rows = batch.ValueOr<arrow::Int32Array, int32_t>(column++, row, 0);
  const arrow::Decimal128 net(batch.Of<arrow::Decimal128Array>(column++).GetValue(row));
  if (!net.ToInteger(&score.net_micros).ok()) return Unreadable(path, "net is out of range");
  score.recency_score = batch.ValueOr<arrow::Int32Array, uint8_t>(column++, row, 0);
  score.frequency_score = batch.ValueOr<arrow::Int32Array, uint8_t>(column++, row, 0);
  score.monetary_score = batch.ValueOr<arrow::Int32Array, uint8_t>(column++, row, 0);
  if (const auto& segments = batch.Of<arrow::StringArray>(column++); !segments.IsNull(row)) {
    const std::string_view name = segments.GetView(row);
    const auto segment = SegmentNamed(name);
    if (!segment.has_value()) return Unreadable(path, fmt::format("'{}' is no RFM segment", name));
    score.segment = *segment;
  }
  score.cluster = static_cast<int16_t>(batch.ValueOr<arrow::Int32Array, int16_t>(column++, row, 0) - 1);
  if (const auto& names = batch.Of<arrow::StringArray>(column++); !names.IsNull(row)) {
    result->cluster_name = std::string(names.GetView(row));
  }
  score.cluster_distance = batch.ValueOr<arrow::FloatArray, float>(column++, row, static_cast<float>(kAbsent));
  score.second_cluster = static_cast<int16_t>(batch.ValueOr<arrow::Int32Array, int16_t>(column++, row, 0) - 1);
  for (double CustomerScore::*number :
       {&CustomerScore::p_alive, &CustomerScore::expected_purchases, &CustomerScore::p_no_purchase,
        &CustomerScore::expected_spend, &CustomerScore::lifetime_value, &CustomerScore::churn_probability}) {
    score.*number = batch.ValueOr<arrow::DoubleArray, double>(column++, row, kAbsent);
  }
  OutlookReader outlook{batch, row, column, &score.outlook};
  VisitOutlook(outlook);
  column = outlook.column;
  STRATA_RETURN_IF_ERROR(ReadChurnOf(batch, row, path, &column, result));
  for (const uint32_t flag : {kFlagNoPurchase, kFlagSpendFromPopulation, kFlagSpendNotPositive, kFlagChurnInactive,
                              kFlagOutlier, kFlagClusterMissing, kFlagChurnFromLifetime}) {
    if (batch.ValueOr<arrow::BooleanArray, bool>(column++, row, false)) score.flags |= flag;
  }
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    const auto& classes = batch.Of<arrow::StringArray>(column++);
    if (classes.IsNull(row)) continue;
    result->classes.push_back({Name(static_cast<SchemeId>(slot)), std::string(classes.GetView(row))});
  }
  return absl::OkStatus();
}

// The writer's columns, in its order and of its types.
absl::Status CheckSchema(const arrow::Schema& schema, const std::string& path) {
  using arrow::Type;
  constexpr std::array<Type::type, kExportColumns.size()> kTypes = {
      Type::STRING, Type::DATE32, Type::DATE32, Type::INT32,  Type::INT32,  Type::INT32,  Type::DECIMAL128,
      Type::INT32,  Type::INT32,  Type::INT32,  Type::STRING, Type::INT32,  Type::STRING, Type::FLOAT,
      Type::INT32,  Type::DOUBLE, Type::DOUBLE, Type::DOUBLE, Type::DOUBLE, Type::DOUBLE, Type::DOUBLE,
      Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,
      Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,
      Type::DATE32, Type::BOOL,   Type::BOOL,   Type::DATE32, Type::BOOL,   Type::BOOL,   Type::DATE32,
      Type::BOOL,   Type::BOOL,   Type::INT32,  Type::INT32,  Type::FLOAT,  Type::FLOAT,  Type::FLOAT,
      Type::FLOAT,  Type::DOUBLE, Type::DOUBLE, Type::STRING, Type::STRING, Type::STRING, Type::FLOAT,
      Type::FLOAT,  Type::STRING, Type::STRING, Type::FLOAT,  Type::FLOAT,  Type::STRING, Type::STRING,
      Type::FLOAT,  Type::FLOAT,  Type::BOOL,   Type::BOOL,   Type::BOOL,   Type::BOOL,   Type::BOOL,
      Type::BOOL,   Type::BOOL};
  for (size_t i = 0; i < kExportWidth; ++i) {
    const int column = static_cast<int>(i);
    const bool is_class = i >= kTypes.size();
    const std::string name =
        is_class ? ClassColumn(static_cast<SchemeId>(i - kTypes.size())) : std::string(kExportColumns[i]);
    if (column >= schema.num_fields() || schema.field(column)->name() != name) {
      return Unreadable(path, fmt::format("column {} is not {}", i + 1, name));
    }
    const arrow::DataType& type = *schema.field(column)->type();
    const bool micros =
        type.id() != Type::DECIMAL128 || static_cast<const arrow::Decimal128Type&>(type).scale() == kMicrosDecimals;
    if (type.id() != (is_class ? Type::STRING : kTypes[i]) || !micros) {
      return Unreadable(path, fmt::format("column {} is of type {}", name, type.ToString()));
    }
  }
  return absl::OkStatus();
}

class ParquetReader final : public ExportReader {
 public:
  explicit ParquetReader(std::string path) : path_(std::move(path)) {}

  absl::Status Open() {
    const auto file = arrow::io::ReadableFile::Open(path_);
    if (!file.ok()) return Unreadable(path_, file.status().message());
    auto reader = parquet::arrow::OpenFile(*file, arrow::default_memory_pool());
    if (!reader.ok()) return Unreadable(path_, reader.status().message());
    reader_ = *std::move(reader);
    std::shared_ptr<arrow::Schema> schema;
    if (const auto status = reader_->GetSchema(&schema); !status.ok()) return Unreadable(path_, status.message());
    STRATA_RETURN_IF_ERROR(CheckSchema(*schema, path_));
    return ReadFacts(schema->metadata());
  }

  const ExportFileFacts& facts() const override { return facts_; }

  absl::Status Read(const std::function<absl::Status(const std::vector<ExportedScore>&)>& on_rows) override {
    auto batches = reader_->GetRecordBatchReader();
    if (!batches.ok()) return Unreadable(path_, batches.status().message());
    while (true) {
      const auto next = (*batches)->Next();
      if (!next.ok()) return Unreadable(path_, next.status().message());
      if (*next == nullptr) return absl::OkStatus();
      const Batch batch(**next);
      std::vector<ExportedScore> rows(static_cast<size_t>((*next)->num_rows()));
      for (size_t row = 0; row < rows.size(); ++row) {
        STRATA_RETURN_IF_ERROR(ReadRow(batch, static_cast<int64_t>(row), path_, &rows[row]));
      }
      STRATA_RETURN_IF_ERROR(on_rows(rows));
    }
  }

 private:
  absl::Status ReadFacts(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata) {
    const auto value = [&metadata](const char* key) {
      return metadata == nullptr ? "" : metadata->Get(key).ValueOr("");
    };
    facts_ = {.job = value("strata.job"), .snapshot = 0, .digest = value("strata.digest")};
    const std::string number = value("strata.snapshot");
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), facts_.snapshot);
    if (facts_.job.empty() || number.empty() || error != std::errc() || end != number.data() + number.size()) {
      return Unreadable(path_, "it does not say which snapshot it is");
    }
    return absl::OkStatus();
  }

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  ExportFileFacts facts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExportReader>> OpenParquetExport(const std::string& path) {
  auto reader = std::make_unique<ParquetReader>(path);
  STRATA_RETURN_IF_ERROR(reader->Open());
  return reader;
}

}  // namespace strata
