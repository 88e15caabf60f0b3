// Exports on the wire: chunks of score columns, and the position where an export goes on. Pure functions; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/snapshot/lookup_part.h"
#include "model/classes/schemes.h"
#include "model/customer_score.h"
#include "wire/churn_scores.h"
#include "wire/names.h"
#include "wire/scores.h"

namespace strata {
namespace v1 {
class ExportScoresRequest;
class ScoreColumns;
}  // namespace v1

// A row is about 260 bytes and its id at most 256: a chunk stays far below a client's receive limit of 4 MiB.
inline constexpr int32_t kDefaultExportRows = 2000;
inline constexpr int32_t kMaxExportRows = 5000;

struct ExportPosition {
  uint32_t shard = 0;
  uint64_t row = 0;  // within the shard
  bool operator==(const ExportPosition&) const = default;
};

struct ExportQuestion {
  SnapshotName snapshot;  // always with its number when the export is resumed
  ExportPosition begin;   // not yet compared with the snapshot's own shards and rows
  int32_t rows_per_chunk = kDefaultExportRows;
};

// INVALID_ARGUMENT: NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID (also where `parent` pins another snapshot).
absl::StatusOr<ExportQuestion> ReadExport(const v1::ExportScoresRequest& request);

std::string EncodeExportToken(const SnapshotName& snapshot, const ExportPosition& position);

void AppendColumns(const ScoredCustomer& customer, v1::ScoreColumns* columns);

// The classes of the customers of a chunk, in the order in which they are added. Not thread-safe.
class ClassColumns {
 public:
  void Add(const CustomerScore& score);
  // `columns` has none yet. The names are those that the snapshot's models know.
  void Fill(const FittedModels& models, v1::ScoreColumns* columns) const;

 private:
  size_t rows_ = 0;
  std::array<std::string, kSchemes> codes_;  // by scheme, up to the last that is not 0
};

// Once all customers of a chunk are there: leaves out columns that say nothing, and names the clusters.
void FinishColumns(const FittedModels& models, v1::ScoreColumns* columns);

struct ExportedScore {
  std::string id;
  CustomerScore score;
  std::vector<NamedClass> classes = {};
  std::string cluster_name = {};
  std::vector<NamedReason> reasons = {};  // of churn, without words
};
// INTERNAL (ANSWER_INVALID) when columns differ in length or hold what no CustomerScore has.
absl::StatusOr<std::vector<ExportedScore>> ReadColumns(const v1::ScoreColumns& columns);

}  // namespace strata
