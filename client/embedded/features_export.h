// Reads the values that the clusters of a snapshot are made of, where the snapshot lies in a state folder. Thread-safe;
// each call opens the folder and lets it go again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/date.h"
#include "base/status.h"
#include "client/features_writer.h"
#include "store/state.h"

namespace strata {

struct FeaturesExport {
  int64_t snapshot = 0;
  Day as_of = 0;
  int64_t customers = 0;  // lines that were written
  ClusteredColumns columns;
};

// Writes the customers of a snapshot (nullopt: the current one) who were clustered, shard by shard, to the writer that
// `open` makes once the columns are known, and finishes it. The snapshot is verified first. NOT_FOUND
// (SNAPSHOT_UNKNOWN, STATE_MISSING); FAILED_PRECONDITION (NOTHING_CLUSTERED) where the job asks for no clusters, or
// none could be fitted.
absl::StatusOr<FeaturesExport> ExportFeaturesInState(
    const StateOptions& state, const std::string& job, std::optional<int64_t> number,
    const std::function<absl::StatusOr<std::unique_ptr<FeaturesWriter>>(const ClusteredColumns&, const FeatureFacts&)>&
        open);

}  // namespace strata
