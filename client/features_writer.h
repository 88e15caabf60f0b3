// Where the values that clusters are made of go: a CSV or a Parquet file, with the same columns. As for an export of
// scores (client/export_writer.h) the file is written beside the target and renamed to it by Finish; without Finish
// nothing is left behind. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "data/snapshot/clustered_features.h"

namespace strata {

// customer_id, cluster (the id; absent for an outlier), outlier, weight, then <feature> and scaled_<feature> for every
// number, and <feature> for every category.
std::vector<std::string> FeatureColumnNames(const ClusteredColumns& columns);

class FeaturesWriter {
 public:
  virtual ~FeaturesWriter() = default;
  // The customers of one shard.
  virtual absl::Status Write(const ClusteredFeatures& features) = 0;
  // Makes the file appear. INTERNAL (EXPORT_UNWRITTEN) names the file.
  virtual absl::Status Finish() = 0;
};

// By the ending of `path`: .csv or .parquet. INVALID_ARGUMENT (FLAG_INVALID) for another ending; errors to create the
// file. `facts` describe the whole and are kept in a Parquet file: names and values.
using FeatureFacts = std::vector<std::pair<std::string, std::string>>;
absl::StatusOr<std::unique_ptr<FeaturesWriter>> NewFeaturesWriter(const std::string& path,
                                                                  const ClusteredColumns& columns,
                                                                  const FeatureFacts& facts);
absl::StatusOr<std::unique_ptr<FeaturesWriter>> NewFeaturesParquetWriter(const std::string& path,
                                                                         const ClusteredColumns& columns,
                                                                         const FeatureFacts& facts);

}  // namespace strata
