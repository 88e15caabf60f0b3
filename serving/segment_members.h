// Lists the members of one of a job's own segments, and who entered or left it. Pure apart from reading the snapshot;
// thread-safe.
#pragma once

#include <string>

#include "base/status.h"
#include "serving/snapshot_catalogue.h"
#include "wire/segments.h"

namespace strata {

// NOT_FOUND (SEGMENT_UNKNOWN), which lists the segments of the snapshot; `own_alone`: those of the job's own.
absl::Status SegmentUnknown(const ServedSnapshot& served, const std::string& segment, bool own_alone);

// Fills one page, without its info. NOT_FOUND (SEGMENT_UNKNOWN) where the snapshot has no such segment of the job's
// own, or none that could have been entered or left: SEGMENT_NOT_COMPARED.
absl::Status FillMembers(const ListMembersQuestion& question, const v1::ListSegmentMembersRequest& request,
                         const ServedSnapshot& served, v1::ListSegmentMembersResponse* response);

}  // namespace strata
