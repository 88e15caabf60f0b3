#include <arrow/api.h>

#include <cmath>

#include "client/features_writer.h"
#include "client/partial_parquet_file.h"

namespace strata {
namespace {

// One column of a shard: `value(i)` appends what row i has.
template <typename Builder, typename Append>
arrow::Result<std::shared_ptr<arrow::Array>> Column(size_t rows, Append append) {
  Builder builder;
  ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<int64_t>(rows)));
  for (size_t i = 0; i < rows; ++i) ARROW_RETURN_NOT_OK(append(i, &builder));
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::Array>> Numbers(const std::vector<double>& values) {
  return Column<arrow::DoubleBuilder>(values.size(), [&values](size_t i, arrow::DoubleBuilder* builder) {
    return std::isnan(values[i]) ? builder->AppendNull() : builder->Append(values[i]);
  });
}

arrow::Result<std::shared_ptr<arrow::Array>> Texts(const std::vector<std::string>& values) {
  return Column<arrow::StringBuilder>(
      values.size(), [&values](size_t i, arrow::StringBuilder* builder) { return builder->Append(values[i]); });
}

class FeaturesParquetWriter final : public FeaturesWriter {
 public:
  FeaturesParquetWriter(const std::string& path, const ClusteredColumns& columns, const FeatureFacts& facts)
      : file_(path) {
    const std::vector<std::string> names = FeatureColumnNames(columns);
    const size_t categories_at = names.size() - columns.categories.size();
    arrow::FieldVector fields;
    for (size_t i = 0; i < names.size(); ++i) {
      const bool text = i == 0 || i >= categories_at;
      fields.push_back(arrow::field(names[i], i == 1   ? arrow::int32()
                                              : i == 2 ? arrow::boolean()
                                              : text   ? arrow::utf8()
                                                       : arrow::float64()));
    }
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [name, value] : facts) metadata->Append(name, value);
    schema_ = arrow::schema(std::move(fields), std::move(metadata));
  }

  absl::Status Open() { return file_.Open(); }
  absl::Status Write(const ClusteredFeatures& features) override {
    if (features.ids.empty()) return absl::OkStatus();
    const auto table = TableOf(features);
    return table.ok() ? file_.Write(**table) : file_.Say(table.status());
  }
  absl::Status Finish() override {
    if (!file_.has_schema()) {
      const auto table = arrow::Table::MakeEmpty(schema_);
      STRATA_RETURN_IF_ERROR(table.ok() ? file_.Write(**table) : file_.Say(table.status()));
    }
    return file_.Finish();
  }

 private:
  arrow::Result<std::shared_ptr<arrow::Table>> TableOf(const ClusteredFeatures& features) const {
    const size_t rows = features.ids.size();
    arrow::ArrayVector arrays(4);
    ARROW_ASSIGN_OR_RAISE(arrays[0], Texts(features.ids));
    ARROW_ASSIGN_OR_RAISE(arrays[1], (Column<arrow::Int32Builder>(rows, [&](size_t i, arrow::Int32Builder* builder) {
                            const int32_t cluster = features.cluster[i];
                            return cluster == 0 ? builder->AppendNull() : builder->Append(cluster);
                          })));
    ARROW_ASSIGN_OR_RAISE(arrays[2],
                          (Column<arrow::BooleanBuilder>(rows, [&](size_t i, arrow::BooleanBuilder* builder) {
                            return builder->Append(features.cluster[i] == 0);
                          })));
    ARROW_ASSIGN_OR_RAISE(arrays[3], Numbers(features.weight));
    for (size_t f = 0; f < features.raw.size(); ++f) {
      for (const std::vector<double>* values : {&features.raw[f], &features.scaled[f]}) {
        ARROW_ASSIGN_OR_RAISE(auto array, Numbers(*values));
        arrays.push_back(std::move(array));
      }
    }
    for (const std::vector<std::string>& words : features.words) {
      ARROW_ASSIGN_OR_RAISE(auto array, Texts(words));
      arrays.push_back(std::move(array));
    }
    return arrow::Table::Make(schema_, arrays, static_cast<int64_t>(rows));
  }

  PartialParquetFile file_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FeaturesWriter>> NewFeaturesParquetWriter(const std::string& path,
                                                                         const ClusteredColumns& columns,
                                                                         const FeatureFacts& facts) {
  auto writer = std::make_unique<FeaturesParquetWriter>(path, columns, facts);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata
