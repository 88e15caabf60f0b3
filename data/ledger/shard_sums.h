// What counts in a shard, added up customer by customer: all of them, or those alone whom new rows touch. Pure; thread-
// safe.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "data/ledger/segment_spans.h"
#include "data/ledger/shard.h"

namespace strata {

// Of all customers of the segments read as one. `removed_files` ascend; their rows are left out. OUT_OF_RANGE
// (NET_OVERFLOW, CUSTOMER_TOO_LARGE) as for UpdateShard.
absl::StatusOr<ShardTotals> SumAll(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files,
                                   bool has_lines);

// By how much SumAll grows when `fresh` joins `segments`: reads the customers of `fresh` and nobody else. Errors are
// those that SumAll has with it, given that it has none without it.
absl::StatusOr<ShardTotals> SumChange(std::vector<SegmentSpans> segments, const SegmentSpans& fresh,
                                      std::span<const int32_t> removed_files, bool has_lines);

}  // namespace strata
