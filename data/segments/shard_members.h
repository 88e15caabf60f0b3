// What a run does with its segments in one shard: today's members, those of the followed snapshot beside them, and who
// entered or left. A pure function; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/member_bits.h"
#include "data/segments/program.h"
#include "data/snapshot/lookup_part.h"
#include "data/snapshot/members_file.h"
#include "data/snapshot/moves_file.h"
#include "model/columns.h"

namespace strata {

// The same shard in the followed snapshot.
struct FollowedMembers {
  const LookupPart* customers = nullptr;
  const MembersFile* members = nullptr;  // row by row as customers
};

struct ShardMembers {
  MemberBits members;
  // Of the segments that the followed snapshot has as well: who of today's customers was in it. Without a followed
  // snapshot it has no segments.
  MemberBits before;
  // By segment of `members`: who was in it and is not now, be it that the customer is gone; kNoWhole where it is not
  // known.
  std::vector<int64_t> left;
  std::vector<MemberMove> moves;  // of the segments of `before`, in no particular order
};

// `columns`, `hash` and `id` are of the same customers, in the order (hash, id); `followed` null: no snapshot is
// followed, or it has other shards. Errors of SegmentProgram::Run; DATA_LOSS (SNAPSHOT_CORRUPT) where the followed
// snapshot's members are not of its customers.
absl::StatusOr<ShardMembers> EvaluateSegments(const SegmentProgram& program, const ColumnSet& columns,
                                              const ShardTables& tables, Day as_of, std::span<const uint64_t> hash,
                                              const std::function<std::string_view(size_t)>& id,
                                              const FollowedMembers* followed);

}  // namespace strata
