#include "data/snapshot/feature_values.h"

#include <fmt/format.h>

#include <utility>

#include "data/snapshot/parquet_bytes.h"

namespace strata {
namespace {

absl::Status Corrupt(const std::string& key, std::string_view column, std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: column {} {}", key, column, what));
}

template <typename Array>
bool Append(const arrow::Array& chunk, std::vector<int64_t>* values) {
  const auto* typed = dynamic_cast<const Array*>(&chunk);
  if (typed == nullptr) return false;
  for (int64_t i = 0; i < typed->length(); ++i) values->push_back(typed->Value(i));
  return true;
}

}  // namespace

std::vector<const ManifestEntry*> ParquetParts(const Manifest& manifest) {
  std::vector<const ManifestEntry*> parts;
  for (const ManifestEntry& entry : manifest.entries) {
    if (entry.name.starts_with("parts/") && entry.name.ends_with(".parquet")) parts.push_back(&entry);
  }
  return parts;
}

absl::StatusOr<FeatureValues> ReadFeatureValues(ObjectStore& objects, const ManifestEntry& part) {
  // Whoever opened the snapshot has verified the whole object; pages have checksums of their own.
  STRATA_ASSIGN_OR_RETURN(const auto view, objects.Map(part.key));
  STRATA_ASSIGN_OR_RETURN(const auto table,
                          ReadParquet(view->bytes(), part.key, {kComparedFeatures.begin(), kComparedFeatures.end()}));
  FeatureValues features;
  for (size_t f = 0; f < kComparedFeatures.size(); ++f) {
    const char* name = kComparedFeatures.at(f);
    const std::shared_ptr<arrow::ChunkedArray> column = table->GetColumnByName(name);
    if (column == nullptr || column->null_count() > 0) return Corrupt(part.key, name, "is missing or has nulls");
    std::vector<int64_t>& values = features.at(f);
    values.reserve(static_cast<size_t>(part.rows));
    for (const std::shared_ptr<arrow::Array>& chunk : column->chunks()) {
      const bool known = Append<arrow::Int64Array>(*chunk, &values) || Append<arrow::Int32Array>(*chunk, &values);
      if (!known) return Corrupt(part.key, name, "is of type " + chunk->type()->ToString());
    }
    if (std::cmp_not_equal(values.size(), part.rows)) {
      return Corrupt(part.key, name, fmt::format("has {} values for {} customers", values.size(), part.rows));
    }
  }
  return features;
}

}  // namespace strata
