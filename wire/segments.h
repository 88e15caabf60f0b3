// Segments on the wire. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "data/snapshot/snapshot.h"
#include "wire/names.h"

namespace strata {
namespace v1 {
class ListSegmentMembersRequest;
class ListSegmentMembersResponse;
class ListSegmentsRequest;
class Segment;
}  // namespace v1

// NaN becomes an absent field. INTERNAL (SEGMENT_KIND_UNKNOWN) for a kind that SegmentLine does not name.
absl::Status FillSegment(const SegmentLine& line, const std::string& job, v1::Segment* message);
// INTERNAL (ANSWER_INVALID) for a kind this program does not know.
absl::StatusOr<SegmentLine> ReadSegment(const v1::Segment& message);

struct ListSegmentsQuestion {
  SnapshotName snapshot;            // with its number on every page but the first
  std::optional<std::string> kind;  // as of SegmentLine; nullopt: all
  uint64_t begin = 0;               // index among the segments of the kind
  int32_t page_size = 0;
};

// INVALID_ARGUMENT: NAME_INVALID, KIND_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListSegmentsQuestion> ReadListSegments(const v1::ListSegmentsRequest& request);
// `snapshot` with its number; `request` as it came.
std::string SegmentsToken(const v1::ListSegmentsRequest& request, const SnapshotName& snapshot, uint64_t begin);

inline constexpr int32_t kDefaultMembers = 1000;
inline constexpr int32_t kMaxMembers = 10'000;  // of 256 bytes each they stay below a message's limit

enum class MemberChange : uint8_t { kAll, kEntered, kLeft };

struct ListMembersQuestion {
  SegmentName segment;  // its snapshot with its number on every page but the first
  MemberChange change = MemberChange::kAll;
  int32_t page_size = 0;
  uint64_t shard = 0, row = 0;  // where the page begins
};

// INVALID_ARGUMENT: NAME_INVALID, CHANGE_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListMembersQuestion> ReadListMembers(const v1::ListSegmentMembersRequest& request);
// As of SegmentsToken.
std::string MembersToken(const v1::ListSegmentMembersRequest& request, const SnapshotName& snapshot, uint64_t shard,
                         uint64_t row);

}  // namespace strata
