#include "serving/segment_members.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/snapshot/moves_file.h"
#include "strata/v1/segment_service.pb.h"
#include "wire/names.h"

namespace strata {
namespace {

absl::Status NotCompared(const ServedSnapshot& served, const std::string& segment) {
  const std::string snapshot = SnapshotResource(served.job, served.record.number);
  return MakeError(absl::StatusCode::kFailedPrecondition, "SEGMENT_NOT_COMPARED",
                   fmt::format("{}: nobody knows who entered or left segment '{}', because no earlier snapshot that it "
                               "follows has it",
                               snapshot, segment),
                   {{"snapshot", snapshot}, {"segment", segment}});
}

// Takes ids until the page is full; then says where to go on.
class Page {
 public:
  Page(const ListMembersQuestion& question, const v1::ListSegmentMembersRequest& request, const SnapshotName& snapshot,
       v1::ListSegmentMembersResponse* response)
      : question_(question), request_(request), snapshot_(snapshot), response_(response) {}

  // False when the page was full before.
  bool Add(uint64_t shard, uint64_t row, std::string_view id) {
    if (response_->customer_ids_size() == question_.page_size) {
      response_->set_next_page_token(MembersToken(request_, snapshot_, shard, row));
      return false;
    }
    response_->add_customer_ids(std::string(id));
    return true;
  }

 private:
  const ListMembersQuestion& question_;
  const v1::ListSegmentMembersRequest& request_;
  const SnapshotName snapshot_;
  v1::ListSegmentMembersResponse* response_;
};

void ListMembers(const ListMembersQuestion& question, const Snapshot& snapshot, Page* page) {
  for (uint64_t shard = question.shard; shard < snapshot.members().size(); ++shard) {
    const MembersFile& members = snapshot.members()[shard];
    const auto& names = members.names();
    const auto place = std::lower_bound(names.begin(), names.end(), question.segment.segment);
    if (place == names.end() || *place != question.segment.segment) continue;
    const auto segment = static_cast<size_t>(place - names.begin());
    for (uint64_t row = shard == question.shard ? question.row : 0; row < members.customers(); ++row) {
      if (!members.Has(segment, row)) continue;
      if (!page->Add(shard, row, snapshot.parts()[shard].Row(row).id)) return;
    }
  }
}

absl::Status ListMoves(const ListMembersQuestion& question, const Snapshot& snapshot, Page* page) {
  const bool entered = question.change == MemberChange::kEntered;
  for (uint64_t shard = question.shard; shard < snapshot.moves().size(); ++shard) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<MemberMove> moves, DecodeMoves(snapshot.moves()[shard]));
    for (uint64_t row = shard == question.shard ? question.row : 0; row < moves.size(); ++row) {
      if (moves[row].segment != question.segment.segment || moves[row].entered != entered) continue;
      if (!page->Add(shard, row, moves[row].customer_id)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SegmentUnknown(const ServedSnapshot& served, const std::string& segment, bool own_alone) {
  std::string known;
  for (const SegmentLine& line : served.snapshot->segments()) {
    if (!own_alone || line.kind == kUserKind) known += (known.empty() ? "" : ", ") + line.name;
  }
  const std::string snapshot = SnapshotResource(served.job, served.record.number);
  return MakeError(absl::StatusCode::kNotFound, "SEGMENT_UNKNOWN",
                   fmt::format("{} has no segment '{}'{}; it has {}", snapshot, segment,
                               own_alone ? " of the job's own" : "", known.empty() ? "none" : known),
                   {{"snapshot", snapshot}});
}

absl::Status FillMembers(const ListMembersQuestion& question, const v1::ListSegmentMembersRequest& request,
                         const ServedSnapshot& served, v1::ListSegmentMembersResponse* response) {
  const Snapshot& snapshot = *served.snapshot;
  const std::string& name = question.segment.segment;
  const auto& lines = snapshot.segments();
  const auto line = std::find_if(lines.begin(), lines.end(), [&name](const SegmentLine& candidate) {
    return candidate.kind == kUserKind && candidate.name == name;
  });
  if (line == lines.end()) return SegmentUnknown(served, name, true);
  Page page(question, request, {served.job, served.record.number}, response);
  if (question.change == MemberChange::kAll) {
    response->set_total_size(line->customers);
    ListMembers(question, snapshot, &page);
    return absl::OkStatus();
  }
  const std::optional<int64_t>& total = question.change == MemberChange::kEntered ? line->entered : line->left;
  if (!total.has_value()) return NotCompared(served, name);
  response->set_total_size(*total);
  return ListMoves(question, snapshot, &page);
}

}  // namespace strata
