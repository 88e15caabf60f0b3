#include "worker/segment_members.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "data/segments/percentile_values.h"
#include "run/job_segments.h"
#include "run/keys.h"
#include "worker/intermediate.h"

namespace strata {
namespace {

absl::StatusOr<SegmentProgram> ProgramOf(ObjectStore& objects, const StagePlan& plan, const Job& job) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<Condition> conditions, ConditionsOf(job, plan.job_name));
  PercentileValues percentiles;
  if (!plan.program.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, plan.program.key, plan.program.checksum));
    STRATA_ASSIGN_OR_RETURN(percentiles, DecodePercentiles(view->bytes()));
  }
  return SegmentProgram::Compile(conditions, percentiles);
}

// The shard in the snapshot that is followed; without it where that has no segments.
struct Followed {
  std::shared_ptr<const FileView> part_view, members_view;
  std::optional<LookupPart> part;
  std::optional<MembersFile> members;

  absl::Status Open(ObjectStore& objects, const StagePlan& plan, uint32_t shard) {
    if (shard >= plan.previous_members.size() || shard >= plan.previous_lookups.size()) return absl::OkStatus();
    const ObjectRef& lookup = plan.previous_lookups[shard];
    const ObjectRef& kept = plan.previous_members[shard];
    STRATA_ASSIGN_OR_RETURN(part_view, MapVerified(objects, lookup.key, lookup.checksum));
    STRATA_ASSIGN_OR_RETURN(members_view, MapVerified(objects, kept.key, kept.checksum));
    STRATA_ASSIGN_OR_RETURN(part, LookupPart::Open(part_view->bytes()));
    STRATA_ASSIGN_OR_RETURN(members, MembersFile::Open(members_view->bytes()));
    return absl::OkStatus();
  }
};

absl::Status PutPart(ObjectStore& objects, const StagePlan& plan, uint32_t shard, std::string_view kind,
                     std::string_view bytes, ObjectRef* ref) {
  *ref = {.key = {}, .checksum = Hash64(bytes), .size_bytes = bytes.size()};
  // A snapshot has the number of the run that makes it.
  ref->key = SnapshotObject(plan.job_name, plan.run, fmt::format("parts/{:05}.{}", shard, kind), ref->checksum);
  return objects.Put(ref->key, bytes, kPrivateMode);
}

}  // namespace

absl::StatusOr<StoredMembers> StoreMembers(ObjectStore& objects, const StagePlan& plan, const Job& job, uint32_t shard,
                                           const ColumnSet& columns, const ShardTables& tables,
                                           const CustomerColumns& today,
                                           const std::function<std::string_view(size_t)>& id) {
  StoredMembers stored;
  if (job.segments.empty()) return stored;
  STRATA_ASSIGN_OR_RETURN(const SegmentProgram program, ProgramOf(objects, plan, job));
  Followed before;
  STRATA_RETURN_IF_ERROR(before.Open(objects, plan, shard));
  const bool follows = before.members.has_value();
  const FollowedMembers followed{follows ? &*before.part : nullptr, follows ? &*before.members : nullptr};
  STRATA_ASSIGN_OR_RETURN(stored.of_shard, EvaluateSegments(program, columns, tables, plan.as_of, today.hash, id,
                                                            follows ? &followed : nullptr));
  STRATA_ASSIGN_OR_RETURN(const std::string members, EncodeMembers(stored.of_shard.members, today.size()));
  STRATA_RETURN_IF_ERROR(PutPart(objects, plan, shard, "members", members, &stored.members));
  if (!follows) return stored;
  STRATA_ASSIGN_OR_RETURN(const std::string moves, EncodeMoves(std::exchange(stored.of_shard.moves, {})));
  STRATA_RETURN_IF_ERROR(PutPart(objects, plan, shard, "moves", moves, &stored.moves));
  return stored;
}

}  // namespace strata
