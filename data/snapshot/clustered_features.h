// The values that clusters were made of, read back from the Parquet parts of a snapshot (data/snapshot/snapshot.h says
// under which names they are there). Pure apart from reading objects; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/snapshot/snapshot.h"
#include "store/object_store.h"

namespace strata {

// The features of a snapshot's clusters.
struct ClusteredColumns {
  std::vector<std::string> numbers;
  std::vector<std::string> categories;
  bool weighted = false;  // customers differ in weight
  int grid_bits = 0;      // scaled values are whole multiples of 2^-grid_bits
};

// Of one shard, in the order of its lookup part: the customers who were clustered, outliers among them.
struct ClusteredFeatures {
  std::vector<std::string> ids;
  std::vector<std::vector<double>> raw;         // by number; NaN: missing in the data
  std::vector<std::vector<double>> scaled;      // by number
  std::vector<std::vector<std::string>> words;  // by category
  std::vector<double> weight;
  std::vector<int32_t> cluster;  // the id; 0: an outlier
};

// `part` is a Parquet part of the snapshot. DATA_LOSS (SNAPSHOT_CORRUPT) names object and column.
absl::StatusOr<ClusteredFeatures> ReadClusteredFeatures(ObjectStore& objects, const ManifestEntry& part,
                                                        const ClusteredColumns& columns);

}  // namespace strata
