#include "data/snapshot/clustered_features.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "data/snapshot/parquet_bytes.h"

namespace strata {
namespace {

absl::Status Corrupt(const std::string& key, const std::string& column, std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: column {} {}", key, column, what));
}

// The columns of a part, each as a list of optional values.
class Part {
 public:
  Part(std::string key, std::shared_ptr<arrow::Table> table) : key_(std::move(key)), table_(std::move(table)) {}

  template <typename Array, typename Value>
  absl::StatusOr<std::vector<std::optional<Value>>> Column(const std::string& name) const {
    const std::shared_ptr<arrow::ChunkedArray> column = table_->GetColumnByName(name);
    if (column == nullptr) return Corrupt(key_, name, "is missing");
    std::vector<std::optional<Value>> values;
    values.reserve(static_cast<size_t>(column->length()));
    for (const std::shared_ptr<arrow::Array>& chunk : column->chunks()) {
      const auto* typed = dynamic_cast<const Array*>(chunk.get());
      if (typed == nullptr) return Corrupt(key_, name, "is of type " + chunk->type()->ToString());
      for (int64_t i = 0; i < typed->length(); ++i) {
        values.push_back(typed->IsNull(i) ? std::nullopt : std::optional<Value>(Value(typed->GetView(i))));
      }
    }
    return values;
  }
  // The values of the rows for which `chosen` holds; `missing` for nulls, which are corrupt without it.
  template <typename Array, typename Value>
  absl::Status Take(const std::string& name, const std::vector<bool>& chosen, const std::optional<Value>& missing,
                    std::vector<Value>* out) const {
    STRATA_ASSIGN_OR_RETURN(auto values, (Column<Array, Value>(name)));
    for (size_t i = 0; i < values.size(); ++i) {
      if (!chosen[i]) continue;
      if (!values[i].has_value() && !missing.has_value())
        return Corrupt(key_, name, fmt::format("is null in row {}", i));
      out->push_back(values[i].has_value() ? *std::move(values[i]) : *missing);
    }
    return absl::OkStatus();
  }

 private:
  std::string key_;
  std::shared_ptr<arrow::Table> table_;
};

std::vector<std::string> NamesOf(const ClusteredColumns& columns) {
  std::vector<std::string> names = {"customer_id", "cluster", "outlier"};
  for (const std::string& number : columns.numbers) {
    names.push_back("raw_" + number);
    names.push_back("scaled_" + number);
  }
  for (const std::string& category : columns.categories) names.push_back("raw_" + category);
  if (columns.weighted) names.emplace_back("cluster_weight");
  return names;
}

}  // namespace

absl::StatusOr<ClusteredFeatures> ReadClusteredFeatures(ObjectStore& objects, const ManifestEntry& part,
                                                        const ClusteredColumns& columns) {
  // Whoever opened the snapshot has verified the whole object; pages have checksums of their own.
  STRATA_ASSIGN_OR_RETURN(const auto view, objects.Map(part.key));
  STRATA_ASSIGN_OR_RETURN(auto table, ReadParquet(view->bytes(), part.key, NamesOf(columns)));
  const Part read(part.key, std::move(table));
  STRATA_ASSIGN_OR_RETURN(const auto clusters, (read.Column<arrow::Int32Array, int32_t>("cluster")));
  STRATA_ASSIGN_OR_RETURN(const auto outliers, (read.Column<arrow::BooleanArray, bool>("outlier")));
  std::vector<bool> chosen(clusters.size());
  ClusteredFeatures features;
  for (size_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = clusters[i].has_value() || outliers[i].value_or(false);
    if (chosen[i]) features.cluster.push_back(clusters[i].value_or(0));
  }
  STRATA_RETURN_IF_ERROR((read.Take<arrow::StringArray, std::string>("customer_id", chosen, {}, &features.ids)));
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& number : columns.numbers) {
    STRATA_RETURN_IF_ERROR((read.Take<arrow::DoubleArray, double>("raw_" + number, chosen, std::optional(kMissing),
                                                                  &features.raw.emplace_back())));
    std::vector<int32_t> grid;
    STRATA_RETURN_IF_ERROR((read.Take<arrow::Int32Array, int32_t>("scaled_" + number, chosen, {}, &grid)));
    std::vector<double>& scaled = features.scaled.emplace_back();
    for (const int32_t value : grid) scaled.push_back(std::ldexp(value, -columns.grid_bits));
  }
  for (const std::string& category : columns.categories) {
    STRATA_RETURN_IF_ERROR(
        (read.Take<arrow::StringArray, std::string>("raw_" + category, chosen, {}, &features.words.emplace_back())));
  }
  if (columns.weighted) {
    STRATA_RETURN_IF_ERROR((read.Take<arrow::DoubleArray, double>("cluster_weight", chosen, {}, &features.weight)));
  } else {
    features.weight.assign(features.ids.size(), 1.0);
  }
  return features;
}

}  // namespace strata
