#include <fmt/format.h>

#include <charconv>

#include "data/ledger/arrow_bytes.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/feature_columns.h"

namespace strata {

struct FeatureFile::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  ShardFeatures features;
  std::span<const int32_t> id_offsets;  // of the as_of view
  const char* ids = nullptr;
};

namespace {

constexpr ArrowFormat kFormat{"strata features", kFeatureFormatVersion, "FEATURES_CORRUPT"};
constexpr char kAsOfKey[] = "strata.as_of_day";
constexpr char kHorizonKey[] = "strata.churn_horizon_days";  // 0: no churn views
constexpr int kFirstFeature = 2;                             // after hash and id

std::shared_ptr<arrow::Schema> FeatureSchema(const FeatureDates& dates) {
  arrow::FieldVector fields = {arrow::field("hash", arrow::uint64(), false), arrow::field("id", arrow::utf8(), false)};
  VisitFeatureColumns([&fields]<typename T>(const char* name, std::span<const T> CustomerColumns::*) {
    fields.push_back(arrow::field(name, arrow::CTypeTraits<T>::type_singleton(), false));
  });
  const auto metadata = FormatMetadata(kFormat);
  metadata->Append(kAsOfKey, std::to_string(dates.as_of));
  metadata->Append(kHorizonKey, std::to_string(dates.has_churn ? dates.churn_horizon_days : 0));
  return arrow::schema(std::move(fields), metadata);
}

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, kFormat.reason, fmt::format("{}: {}", kFormat.name, message));
}

absl::StatusOr<int32_t> Number(const arrow::Schema& schema, const char* key) {
  const std::string text = schema.metadata()->Get(key).ValueOr("");
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return Corrupt(fmt::format("{} is '{}', expected is a number", key, text));
  }
  return value;
}

absl::StatusOr<FeatureDates> DatesOf(const arrow::Schema& schema) {
  FeatureDates dates;
  STRATA_ASSIGN_OR_RETURN(dates.as_of, Number(schema, kAsOfKey));
  STRATA_ASSIGN_OR_RETURN(dates.churn_horizon_days, Number(schema, kHorizonKey));
  dates.has_churn = dates.churn_horizon_days != 0;
  if (dates.as_of < kFirstDay || dates.as_of > kLastDay || dates.churn_horizon_days < 0 ||
      dates.churn_horizon_days > kLastDay - kFirstDay) {
    return Corrupt(fmt::format("as of day {} with a churn horizon of {} days", dates.as_of, dates.churn_horizon_days));
  }
  return dates;
}

absl::StatusOr<CustomerColumns> ColumnsOf(const arrow::RecordBatch& batch, Day as_of) {
  CustomerColumns columns;
  columns.as_of = as_of;
  columns.hash = ValuesOf<uint64_t>(*batch.column_data(0));
  int next = kFirstFeature;
  VisitFeatureColumns([&]<typename T>(const char*, std::span<const T> CustomerColumns::*member) {
    columns.*member = ValuesOf<T>(*batch.column_data(next++));
  });
  for (size_t i = 1; i < columns.hash.size(); ++i) {
    if (columns.hash[i - 1] > columns.hash[i]) return Corrupt(fmt::format("customer {} is out of order", i));
  }
  return columns;
}

}  // namespace

absl::StatusOr<std::string> EncodeFeatures(const std::vector<CustomerColumns>& views,
                                           std::span<const int32_t> id_offsets, std::string_view ids,
                                           const FeatureDates& dates) {
  const auto schema = FeatureSchema(dates);
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  const std::vector<int32_t> no_offsets(id_offsets.size(), 0);
  for (const CustomerColumns& view : views) {
    std::vector<std::shared_ptr<arrow::ArrayData>> arrays = {ArrayOver(view.hash)};
    arrays.push_back(batches.empty() ? TextsOver(id_offsets, ids)
                                     : TextsOver(std::span(no_offsets).first(view.size() + 1), ""));
    VisitFeatureColumns([&]<typename T>(const char*, std::span<const T> CustomerColumns::*member) {
      arrays.push_back(ArrayOver(view.*member));
    });
    batches.push_back(arrow::RecordBatch::Make(schema, static_cast<int64_t>(view.size()), std::move(arrays)));
  }
  return WriteArrowFile(kFormat, schema, batches);
}

absl::StatusOr<FeatureFile> FeatureFile::Open(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kFormat, bytes));
  STRATA_ASSIGN_OR_RETURN(const FeatureDates dates, DatesOf(*file.schema));
  if (!file.schema->Equals(*FeatureSchema(dates), /*check_metadata=*/false)) {
    return Corrupt(fmt::format("unexpected columns {}", file.schema->ToString()));
  }
  const size_t views = dates.has_churn ? 3 : 1;
  if (file.batches.size() != views) {
    return Corrupt(fmt::format("{} record batches, expected are {}", file.batches.size(), views));
  }
  auto arrays = std::make_shared<Arrays>();
  arrays->batches = std::move(file.batches);
  CustomerColumns* const targets[] = {&arrays->features.today, &arrays->features.churn_test,
                                      &arrays->features.churn_train};
  for (size_t view = 0; view < views; ++view) {
    const Day as_of = dates.as_of - static_cast<Day>(view) * dates.churn_horizon_days;
    STRATA_ASSIGN_OR_RETURN(*targets[view], ColumnsOf(*arrays->batches[view], as_of));
  }
  const arrow::ArrayData& id = *arrays->batches[0]->column_data(1);
  arrays->id_offsets = OffsetsOf(id);
  arrays->ids = id.GetValues<char>(2, 0);
  FeatureFile result;
  result.arrays_ = std::move(arrays);
  return result;
}

const ShardFeatures& FeatureFile::features() const { return arrays_->features; }

std::string_view FeatureFile::id(size_t row) const {
  const int32_t begin = arrays_->id_offsets[row];
  return {arrays_->ids + begin, static_cast<size_t>(arrays_->id_offsets[row + 1] - begin)};
}

}  // namespace strata
