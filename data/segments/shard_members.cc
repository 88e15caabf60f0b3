#include "data/segments/shard_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/column_type.h"

namespace strata {
namespace {

constexpr size_t kNobody = ~size_t{0};

// Row of today's customers by row of the followed ones; kNobody: gone.
std::vector<size_t> RowsToday(const LookupPart& followed, std::span<const uint64_t> hash,
                              const std::function<std::string_view(size_t)>& id) {
  std::vector<size_t> rows(followed.size(), kNobody);
  size_t today = 0;
  for (uint64_t row = 0; row < followed.size(); ++row) {
    const ScoredCustomer before = followed.Row(row);
    const auto is_before = [&] {
      return hash[today] < before.hash || (hash[today] == before.hash && id(today) < before.id);
    };
    while (today < hash.size() && is_before()) ++today;
    if (today < hash.size() && hash[today] == before.hash && id(today) == before.id) rows[row] = today;
  }
  return rows;
}

// One segment against what it was.
void Compare(size_t segment, size_t followed_segment, const FollowedMembers& followed, const std::vector<size_t>& rows,
             const std::function<std::string_view(size_t)>& id, ShardMembers* made) {
  const std::string& name = made->members.names[segment];
  const std::vector<uint64_t>& now = made->members.bits[segment];
  std::vector<uint64_t> before(now.size());
  int64_t left = 0;
  for (uint64_t row = 0; row < rows.size(); ++row) {
    if (!followed.members->Has(followed_segment, row)) continue;
    const size_t today = rows[row];
    if (today != kNobody) before[today / 64] |= uint64_t{1} << today % 64;
    if (today != kNobody && made->members.Has(segment, today)) continue;
    ++left;
    made->moves.push_back({name, false, std::string(followed.customers->Row(row).id)});
  }
  for (size_t word = 0; word < now.size(); ++word) {
    for (uint64_t entered = now[word] & ~before[word]; entered != 0; entered &= entered - 1) {
      const size_t today = word * 64 + static_cast<size_t>(__builtin_ctzll(entered));
      made->moves.push_back({name, true, std::string(id(today))});
    }
  }
  made->left[segment] = left;
  made->before.names.push_back(name);
  made->before.definitions.push_back(followed.members->definitions()[followed_segment]);
  made->before.bits.push_back(std::move(before));
}

}  // namespace

absl::StatusOr<ShardMembers> EvaluateSegments(const SegmentProgram& program, const ColumnSet& columns,
                                              const ShardTables& tables, Day as_of, std::span<const uint64_t> hash,
                                              const std::function<std::string_view(size_t)>& id,
                                              const FollowedMembers* followed) {
  ShardMembers made;
  STRATA_ASSIGN_OR_RETURN(made.members, program.Run(columns, tables, as_of));
  made.left.assign(made.members.names.size(), kNoWhole);
  if (followed == nullptr) return made;
  if (followed->members->customers() != followed->customers->size()) {
    return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                     fmt::format("members of {} customers in a part of {}", followed->members->customers(),
                                 followed->customers->size()));
  }
  const std::vector<size_t> rows = RowsToday(*followed->customers, hash, id);
  const std::vector<std::string>& known = followed->members->names();
  for (size_t i = 0; i < made.members.names.size(); ++i) {
    const auto place = std::lower_bound(known.begin(), known.end(), made.members.names[i]);
    if (place == known.end() || *place != made.members.names[i]) continue;
    Compare(i, static_cast<size_t>(place - known.begin()), *followed, rows, id, &made);
  }
  return made;
}

}  // namespace strata
