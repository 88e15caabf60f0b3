// All segments of a job compiled into one program: equal parts of different conditions are computed once. A program is
// immutable and its copies share it; Run is thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/member_bits.h"
#include "data/segments/percentile_values.h"
#include "model/columns.h"
#include "run/segments/condition.h"

namespace strata {

struct ExpressionGraph;

class SegmentProgram {
 public:
  // `conditions` as ParseSegments leaves them: whatever one uses stands before it. `percentiles` has every pair of
  // PercentilesOf.
  static absl::StatusOr<SegmentProgram> Compile(const std::vector<Condition>& conditions,
                                                const PercentileValues& percentiles);

  // The members of one shard, row by row as `columns`, with which the tables are aligned. Products are those of the
  // reference shard, the latest version of each that it shows. INTERNAL (SEGMENT_COLUMN_MISSING) where a column or
  // table of a condition is missing, OUT_OF_RANGE (SEGMENT_OVERFLOW) names the first segment in which a value does not
  // fit.
  absl::StatusOr<MemberBits> Run(const ColumnSet& columns, const ShardTables& tables, Day as_of) const;

 private:
  explicit SegmentProgram(std::shared_ptr<const ExpressionGraph> graph) : graph_(std::move(graph)) {}

  std::shared_ptr<const ExpressionGraph> graph_;
};

}  // namespace strata
