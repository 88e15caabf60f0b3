// A generated base read as a run reads it: its own job, ingest, segments, features.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/ledger/features.h"
#include "model/fitted_models.h"
#include "run/job.h"
#include "run/row_counts.h"

namespace strata {

struct ReadBase {
  Job job;
  RowCounts counts;  // duplicates included, found by the ledger
  std::map<std::string, int64_t> rejected_by_reason;
  int64_t conflicts = 0;
  std::vector<std::string> segment_digests;  // by shard
  std::vector<std::string> feature_bytes;    // by shard; `features` are views of them
  std::vector<FeatureFile> features;
};

// The base of which `folder` holds the job.yaml. Two threads need not share the result.
absl::StatusOr<ReadBase> ReadGeneratedBase(const std::string& folder);

// What the project's own fitters make of it, with the job's settings.
absl::StatusOr<FittedModels> FitBase(const ReadBase& base);

}  // namespace strata
