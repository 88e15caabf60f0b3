// All segments of a job compiled into one program and evaluated a shard at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/member_bits.h"
#include "model/columns.h"
#include "model/kernels/kernels.h"
#include "run/segments/condition.h"

namespace strata {

class SegmentProgram {
 public:
  static absl::StatusOr<SegmentProgram> Compile(const std::vector<Condition>& conditions, const std::map<PercentileTarget, std::optional<int64_t>>& percentiles);
  absl::StatusOr<MemberBits> Run(const ColumnSet& columns, const ShardTables& tables, Day as_of, const Kernels& kernels) const;
};

}  // namespace strata
