// Model features of the customers of a snapshot, read back from its Parquet parts. Pure apart from reading objects;
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/snapshot/snapshot.h"
#include "store/object_store.h"

namespace strata {

// Those that the scores' own columns do not repeat, named as in the files. Amounts in micros.
inline constexpr std::array<const char*, 8> kComparedFeatures = {
    "feature_repeat_net_micros", "feature_purchase_days_30", "feature_purchase_days_90", "feature_purchase_days_180",
    "feature_purchase_days_365", "feature_net_micros_90",    "feature_net_micros_365",   "feature_squared_gap_days"};

using FeatureValues = std::array<std::vector<int64_t>, kComparedFeatures.size()>;  // by feature, by row of the part

// The Parquet parts of a snapshot by shard; empty for one without.
std::vector<const ManifestEntry*> ParquetParts(const Manifest& manifest);

// The features of one shard, in the order of its lookup part. DATA_LOSS (SNAPSHOT_CORRUPT) names the object.
absl::StatusOr<FeatureValues> ReadFeatureValues(ObjectStore& objects, const ManifestEntry& part);

}  // namespace strata
