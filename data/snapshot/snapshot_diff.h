// What changed from one snapshot of a job to another, exactly: every customer of both is read where it lies in the
// mapped parts and looked up in the other one by hash and id, so the numbers of shards may differ. Values and pure
// functions of open snapshots; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/snapshot/drift.h"
#include "data/snapshot/snapshot.h"

namespace strata {

// What a manifest says that people compare.
struct SnapshotFacts {
  int64_t number = 0;
  std::string digest;
  Day as_of = 0;
  int64_t follows = 0;  // 0: none
  int64_t ledger_version = 0;
  std::string ledger_digest;
  int64_t shards = 0;
  std::string currency;
  int64_t customers = 0;
  int64_t customers_with_purchase = 0;
  RowCounts rows;
  std::string build;  // empty: not written down
  int64_t created_ms = 0;
  int64_t size_bytes = 0;  // of all objects but the manifest
  bool operator==(const SnapshotFacts&) const = default;
};

// Names of classes beside segments and clusters.
inline constexpr char kClassNoPurchase[] = "no_purchase";
inline constexpr char kClassNone[] = "none";  // a purchase, but no segment or cluster: the job has no such model

// Customers of class `from` in the base and of class `to` in the other; an empty name: not in that snapshot.
struct ClassMove {
  std::string from;
  std::string to;
  int64_t customers = 0;
  bool operator==(const ClassMove&) const = default;
};

// A fitted parameter or a measure of quality; absent where its model does not have it.
struct ParameterPair {
  std::string name;  // "lifetime.alpha"
  std::optional<double> base;
  std::optional<double> other;
  bool operator==(const ParameterPair&) const = default;
};

struct SnapshotDiff {
  std::string job;
  SnapshotFacts base;
  SnapshotFacts other;
  int64_t customers_in_both = 0;
  int64_t customers_left = 0;
  int64_t customers_entered = 0;
  std::vector<ClassMove> rfm_moves;  // stays included; by the numbers of the classes, then none, no_purchase, ""
  std::vector<ClassMove> cluster_moves;
  std::vector<ColumnDrift> drifts;
  std::vector<ParameterPair> parameters;  // of base in their order, then what only other has
};

// `objects` is where both lie. Memory is bounded by a chunk of kDriftChunkRows customers and the features of one shard,
// whatever the size of the snapshots; every customer is read about a dozen times. `cancelled` is asked now and then and
// may be empty: CANCELLED (DIFF_CANCELLED).
absl::StatusOr<SnapshotDiff> DiffSnapshots(ObjectStore& objects, const Snapshot& base, const Snapshot& other,
                                           const std::function<bool()>& cancelled);

// All parameters and measures of the models, by model, under their API names: "rfm.frequency_cut_1", ...
std::vector<std::pair<std::string, double>> ModelParameters(const FittedModels& models);

}  // namespace strata
