// Paging of lists and exports: page sizes and opaque page tokens. A token is the text of a position, bound to the
// method and the question it was made for, with a checksum: a token of another list is refused, never misread. Pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

inline constexpr int32_t kDefaultPageSize = 100;
inline constexpr int32_t kMaxPageSize = 1000;  // rows of lists are small; 1000 of them stay far below a message's limit

// 0 becomes `default_size`, anything above `max_size` becomes `max_size` (AIP-158); INVALID_ARGUMENT
// (PAGE_SIZE_INVALID) when negative.
absl::StatusOr<int32_t> ReadPageSize(int32_t page_size, int32_t default_size = kDefaultPageSize,
                                     int32_t max_size = kMaxPageSize);

// Where a list goes on.
struct PagePosition {
  int64_t version = 0;  // of what is listed: a snapshot's number, a ledger's version; 0 where there is none
  uint64_t major = 0;   // the list's own meaning: a shard, an index, a number
  uint64_t minor = 0;   // a row within it
  std::string after;    // the last name listed, where a list goes by names
  bool operator==(const PagePosition&) const = default;
};

// `scope` names method and question: "ListSegments jobs/a kind 1".
std::string EncodePageToken(std::string_view scope, const PagePosition& position);
// INVALID_ARGUMENT (PAGE_TOKEN_INVALID) unless EncodePageToken made the token with the same scope.
absl::StatusOr<PagePosition> DecodePageToken(std::string_view scope, std::string_view token);

}  // namespace strata
