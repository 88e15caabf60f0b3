#include <fmt/format.h>

#include <charconv>

#include "data/ledger/arrow_bytes.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/feature_columns.h"

namespace strata {

struct FeatureFile::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  std::vector<CustomerColumns> churn_views;
  ShardFeatures features;
  std::span<const int32_t> id_offsets;  // of the as_of view
  const char* ids = nullptr;
};

namespace {

constexpr ArrowFormat kFormat{"strata features", kFeatureFormatVersion, "FEATURES_CORRUPT"};
constexpr ArrowFormat kHoldoutFormat{kFormat.name, kHoldoutFeatureFormatVersion, kFormat.reason};
constexpr ArrowFormat kViewsFormat{kFormat.name, kViewsFeatureFormatVersion, kFormat.reason};
constexpr ArrowFormat kAnyFormat{
    kFormat.name, kFormat.version, kFormat.reason, {kHoldoutFormat.version, kViewsFormat.version}};
constexpr char kAsOfKey[] = "strata.as_of_day";
constexpr char kHorizonKey[] = "strata.churn_horizon_days";  // 0: no churn views
constexpr char kViewsKey[] = "strata.churn_views";           // absent: kChurnViews
constexpr char kHoldoutKey[] = "strata.holdout_days";        // absent: no hold-out view
constexpr int kFirstFeature = 2;                             // after hash and id

bool SaysViews(const FeatureDates& dates) { return dates.has_churn && dates.churn_views != kChurnViews; }

const ArrowFormat& FormatOf(const FeatureDates& dates) {
  return SaysViews(dates) ? kViewsFormat : dates.holdout_days > 0 ? kHoldoutFormat : kFormat;
}

std::shared_ptr<arrow::Schema> FeatureSchema(const FeatureDates& dates) {
  arrow::FieldVector fields = {arrow::field("hash", arrow::uint64(), false), arrow::field("id", arrow::utf8(), false)};
  const auto add = [&fields]<typename T>(const char* name, std::span<const T> CustomerColumns::*) {
    fields.push_back(arrow::field(name, arrow::CTypeTraits<T>::type_singleton(), false));
  };
  VisitFeatureColumns(add);
  if (dates.holdout_days > 0) VisitHoldoutColumns(add);
  const auto metadata = FormatMetadata(FormatOf(dates));
  metadata->Append(kAsOfKey, std::to_string(dates.as_of));
  metadata->Append(kHorizonKey, std::to_string(dates.has_churn ? dates.churn_horizon_days : 0));
  if (SaysViews(dates)) metadata->Append(kViewsKey, std::to_string(dates.churn_views));
  if (dates.holdout_days > 0) metadata->Append(kHoldoutKey, std::to_string(dates.holdout_days));
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
  if (schema.metadata()->Contains(kViewsKey)) {
    STRATA_ASSIGN_OR_RETURN(dates.churn_views, Number(schema, kViewsKey));
    if (!dates.has_churn || dates.churn_views < kChurnViews || dates.churn_views > kMaxChurnViews) {
      return Corrupt(
          fmt::format("{} churn views, allowed are {} to {}", dates.churn_views, kChurnViews, kMaxChurnViews));
    }
  }
  if (schema.metadata()->Contains(kHoldoutKey)) {
    STRATA_ASSIGN_OR_RETURN(dates.holdout_days, Number(schema, kHoldoutKey));
  }
  const auto is_span = [](int days) { return days >= 0 && days <= kLastDay - kFirstDay; };
  if (dates.as_of < kFirstDay || dates.as_of > kLastDay || !is_span(dates.churn_horizon_days) ||
      !is_span(dates.holdout_days)) {
    return Corrupt(fmt::format("as of day {} with a churn horizon of {} days and a hold-out of {}", dates.as_of,
                               dates.churn_horizon_days, dates.holdout_days));
  }
  return dates;
}

absl::StatusOr<CustomerColumns> ColumnsOf(const arrow::RecordBatch& batch, Day as_of, bool is_holdout = false) {
  CustomerColumns columns;
  columns.as_of = as_of;
  columns.hash = ValuesOf<uint64_t>(*batch.column_data(0));
  int next = kFirstFeature;
  const auto take = [&]<typename T>(const char*, std::span<const T> CustomerColumns::*member) {
    columns.*member = ValuesOf<T>(*batch.column_data(next++));
  };
  VisitFeatureColumns(take);
  if (is_holdout) VisitHoldoutColumns(take);
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
  const std::vector<int64_t> zeros(dates.holdout_days > 0 ? id_offsets.size() : 0, 0);
  for (const CustomerColumns& view : views) {
    std::vector<std::shared_ptr<arrow::ArrayData>> arrays = {ArrayOver(view.hash)};
    arrays.push_back(batches.empty() ? TextsOver(id_offsets, ids)
                                     : TextsOver(std::span(no_offsets).first(view.size() + 1), ""));
    VisitFeatureColumns([&]<typename T>(const char*, std::span<const T> CustomerColumns::*member) {
      arrays.push_back(ArrayOver(view.*member));
    });
    if (dates.holdout_days > 0) {
      VisitHoldoutColumns([&]<typename T>(const char*, std::span<const T> CustomerColumns::*member) {
        const std::span<const T> values = view.*member;
        arrays.push_back(ArrayOver(
            values.size() == view.size() ? values : std::span(reinterpret_cast<const T*>(zeros.data()), view.size())));
      });
    }
    batches.push_back(arrow::RecordBatch::Make(schema, static_cast<int64_t>(view.size()), std::move(arrays)));
  }
  return WriteArrowFile(FormatOf(dates), schema, batches);
}

absl::StatusOr<FeatureFile> FeatureFile::Open(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kAnyFormat, bytes));
  STRATA_ASSIGN_OR_RETURN(const FeatureDates dates, DatesOf(*file.schema));
  if (!file.schema->Equals(*FeatureSchema(dates), /*check_metadata=*/false)) {
    return Corrupt(fmt::format("unexpected columns {}", file.schema->ToString()));
  }
  const size_t cutoffs = 1 + (dates.has_churn ? static_cast<size_t>(dates.churn_views) : 0);
  const size_t views = cutoffs + (dates.holdout_days > 0 ? 1 : 0);
  if (file.batches.size() != views) {
    return Corrupt(fmt::format("{} record batches, expected are {}", file.batches.size(), views));
  }
  auto arrays = std::make_shared<Arrays>();
  arrays->batches = std::move(file.batches);
  STRATA_ASSIGN_OR_RETURN(arrays->features.today, ColumnsOf(*arrays->batches[0], dates.as_of));
  for (size_t view = 1; view < cutoffs; ++view) {
    const Day as_of = dates.as_of - static_cast<Day>(view) * dates.churn_horizon_days;
    STRATA_ASSIGN_OR_RETURN(arrays->churn_views.emplace_back(), ColumnsOf(*arrays->batches[view], as_of));
  }
  arrays->features.churn_views = arrays->churn_views;
  if (cutoffs > 1) {
    arrays->features.churn_test = arrays->churn_views[0];
    arrays->features.churn_train = arrays->churn_views[1];
  }
  if (views > cutoffs) {
    STRATA_ASSIGN_OR_RETURN(arrays->features.holdout,
                            ColumnsOf(*arrays->batches[cutoffs], dates.as_of - dates.holdout_days, true));
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
