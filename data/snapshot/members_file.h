// parts/<shard>.members of a snapshot: who is in which of the job's segments. An Arrow file with a boolean column per
// segment, ascending by name, and a row per customer in the order of the shard's lookup part; a column's metadata says
// what the condition was. Pure functions of bytes; thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/segments/member_bits.h"

namespace strata {

inline constexpr int kMembersFormatVersion = 1;

// Equal members have equal bytes. Precondition: every segment has bits for `customers`, and names ascend.
absl::StatusOr<std::string> EncodeMembers(const MemberBits& members, size_t customers);

// A read-only view of `bytes`, which must outlive it; copies share it. DATA_LOSS (SNAPSHOT_CORRUPT) or
// FAILED_PRECONDITION (FORMAT_UNKNOWN).
class MembersFile {
 public:
  static absl::StatusOr<MembersFile> Open(std::string_view bytes);

  size_t customers() const;
  const std::vector<std::string>& names() const;        // ascending
  const std::vector<std::string>& definitions() const;  // by name
  // Precondition: segment < names().size(), customer < customers().
  bool Has(size_t segment, size_t customer) const;
  MemberBits Bits() const;

 private:
  struct Columns;
  explicit MembersFile(std::shared_ptr<const Columns> columns) : columns_(std::move(columns)) {}

  std::shared_ptr<const Columns> columns_;
};

}  // namespace strata
