// What the tasks report that look after merged identities and rates. Canonical encodings (run/task_results.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/frames.h"
#include "run/table_output.h"

namespace strata {

// Of the plan stage's one task that reads both tables.
struct TablesResult {
  ObjectRef aliases;              // all identities, resolved; empty: the job has no such table
  ObjectRef moves;                // those merged since the parent version; empty: none
  std::vector<uint32_t> leaving;  // ascending: shards whose rows may move
  ObjectRef fx;                   // all rates; empty: the job has no such table
  std::vector<std::string> warnings;

  std::string Encode() const;
  static absl::StatusOr<TablesResult> Decode(std::string_view bytes);
};

// Of a map stage's task that looks for rows of one shard that move.
struct MoveResult {
  ObjectRef moved;  // data/ledger/moved_rows.h; empty: nobody in the shard moves
  int64_t customers = 0;
  std::vector<TableOutput> tables;  // rows of tables that move as well

  std::string Encode() const;
  static absl::StatusOr<MoveResult> Decode(std::string_view bytes);
};

}  // namespace strata
