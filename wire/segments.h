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
class ListSegmentsRequest;
class Segment;
}  // namespace v1

// NaN becomes an absent field. INTERNAL (SEGMENT_KIND_UNKNOWN) for a kind other than rfm, cluster and class.
absl::Status FillSegment(const SegmentLine& line, const std::string& job, v1::Segment* message);
// INTERNAL (ANSWER_INVALID) for a kind this program does not know.
absl::StatusOr<SegmentLine> ReadSegment(const v1::Segment& message);

struct ListSegmentsQuestion {
  SnapshotName snapshot;            // with its number on every page but the first
  std::optional<std::string> kind;  // "rfm", "cluster" or "class"; nullopt: all
  uint64_t begin = 0;               // index among the segments of the kind
  int32_t page_size = 0;
};

// INVALID_ARGUMENT: NAME_INVALID, KIND_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListSegmentsQuestion> ReadListSegments(const v1::ListSegmentsRequest& request);
// `snapshot` with its number; `request` as it came.
std::string SegmentsToken(const v1::ListSegmentsRequest& request, const SnapshotName& snapshot, uint64_t begin);

}  // namespace strata
