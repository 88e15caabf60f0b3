#include "client/embedded/features_export.h"

#include <fmt/format.h>

#include "client/embedded/local_state.h"
#include "data/snapshot/feature_values.h"
#include "serving/published_snapshots.h"

namespace strata {
namespace {

absl::StatusOr<SnapshotRecord> RecordOf(Metadata* metadata, const std::string& job, std::optional<int64_t> number) {
  STRATA_ASSIGN_OR_RETURN(const PublishedJob published, NewPublishedInMetadata(metadata)->Read(job));
  if (!number.has_value()) {
    if (!published.pointer.has_value()) {
      return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                       fmt::format("job {} has no current snapshot yet", job));
    }
    number = published.pointer->snapshot;
  }
  const auto found = published.records.find(*number);
  if (found == published.records.end()) {
    return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                     fmt::format("job {} has no snapshot {}", job, *number));
  }
  return found->second;
}

absl::StatusOr<ClusteredColumns> ColumnsOf(const Snapshot& snapshot) {
  const auto& model = snapshot.models().clustering;
  if (!model.has_value() || model->k == 0) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "NOTHING_CLUSTERED",
        fmt::format("snapshot {} of job {} has no clusters{}", snapshot.manifest().number, snapshot.manifest().job,
                    model.has_value() ? ": " + model->reason : "; the job does not ask for any"));
  }
  ClusteredColumns columns;
  for (const NumericFeature& feature : model->space.numeric) columns.numbers.push_back(feature.name);
  for (const CategoryFeature& feature : model->space.categories) columns.categories.push_back(feature.name);
  columns.weighted = !model->space.weight_column.empty();
  columns.grid_bits = model->space.grid_bits;
  return columns;
}

}  // namespace

absl::StatusOr<FeaturesExport> ExportFeaturesInState(
    const StateOptions& state, const std::string& job, std::optional<int64_t> number,
    const std::function<absl::StatusOr<std::unique_ptr<FeaturesWriter>>(const ClusteredColumns&, const FeatureFacts&)>&
        open) {
  STRATA_ASSIGN_OR_RETURN(const auto opened, OpenState(state));
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord record, RecordOf(&opened->metadata(), job, number));
  STRATA_ASSIGN_OR_RETURN(const auto snapshot,
                          Snapshot::Open(opened->objects(), job, record.number, record.manifest_checksum));
  FeaturesExport result{.snapshot = record.number, .as_of = record.as_of, .customers = 0, .columns = {}};
  STRATA_ASSIGN_OR_RETURN(result.columns, ColumnsOf(*snapshot));
  STRATA_ASSIGN_OR_RETURN(const auto writer,
                          open(result.columns, {{"strata.job", job},
                                                {"strata.snapshot", std::to_string(record.number)},
                                                {"strata.as_of", FormatDay(record.as_of)},
                                                {"strata.digest", record.digest},
                                                {"strata.grid_bits", std::to_string(result.columns.grid_bits)}}));
  for (const ManifestEntry* part : ParquetParts(snapshot->manifest())) {
    STRATA_ASSIGN_OR_RETURN(const ClusteredFeatures features,
                            ReadClusteredFeatures(opened->objects(), *part, result.columns));
    result.customers += static_cast<int64_t>(features.ids.size());
    STRATA_RETURN_IF_ERROR(writer->Write(features));
  }
  STRATA_RETURN_IF_ERROR(writer->Finish());
  return result;
}

}  // namespace strata
