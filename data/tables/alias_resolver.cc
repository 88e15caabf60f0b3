#include "data/tables/alias_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/tables/alias_table.h"

namespace strata {
namespace {

constexpr uint32_t kEnd = UINT32_MAX;  // a chain ends here
constexpr size_t kIdsShown = 8;        // of a chain or circle

}  // namespace

void AliasResolver::Add(std::string_view old_id, std::string_view new_id, Day day, int64_t nanos, uint32_t file,
                        int64_t line) {
  ByteWriter content;
  content.Text(old_id);
  content.Text(new_id);
  content.I32(day);
  content.I64(nanos);
  rows_.push_back({.text = texts_.size(),
                   .row_hash = Hash64(content.bytes()),
                   .nanos = nanos,
                   .line = line,
                   .day = day,
                   .file = file,
                   .old_bytes = static_cast<uint16_t>(old_id.size()),
                   .new_bytes = static_cast<uint16_t>(new_id.size())});
  texts_.append(old_id);
  texts_.append(new_id);
}

void AliasResolver::NoteConflict(const Row& winner, const Row& loser, ResolvedAliases* result) const {
  ++result->conflicts;
  if (result->conflict_examples.size() == kAliasExamples) return;
  result->conflict_examples.push_back(fmt::format("'{}' is '{}' and '{}' on {}; '{}' counts", ShownId(OldId(winner)),
                                                  ShownId(NewId(winner)), ShownId(NewId(loser)), FormatDay(winner.day),
                                                  ShownId(NewId(winner))));
}

// The row that counts for each old id, ascending by old id. Of equal rows the first one in the files.
std::vector<uint32_t> AliasResolver::Choose(ResolvedAliases* result) const {
  std::vector<uint32_t> order(rows_.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    const Row &x = rows_[a], &y = rows_[b];
    if (const int compared = OldId(x).compare(OldId(y)); compared != 0) return compared < 0;
    return std::tie(y.day, y.nanos, y.row_hash, x.file, x.line) < std::tie(x.day, x.nanos, x.row_hash, y.file, y.line);
  });
  std::vector<uint32_t> chosen;
  for (size_t i = 0; i < order.size();) {
    const Row& winner = rows_[order[i]];
    chosen.push_back(order[i]);
    bool conflict = false;
    for (++i; i < order.size() && OldId(rows_[order[i]]) == OldId(winner); ++i) {
      const Row& other = rows_[order[i]];
      if (std::tie(other.day, other.nanos) != std::tie(winner.day, winner.nanos)) {
        ++result->superseded;
      } else if (!conflict && NewId(other) != NewId(winner)) {
        conflict = true;
        NoteConflict(winner, other, result);
      }
    }
  }
  return chosen;
}

// By place in `chosen`: the place whose old id is the row's new id, or kEnd.
std::vector<uint32_t> AliasResolver::NextOf(const std::vector<uint32_t>& chosen) const {
  std::vector<uint32_t> next(chosen.size(), kEnd);
  for (size_t i = 0; i < chosen.size(); ++i) {
    const std::string_view wanted = NewId(rows_[chosen[i]]);
    const auto found = std::lower_bound(chosen.begin(), chosen.end(), wanted,
                                        [this](uint32_t row, std::string_view id) { return OldId(rows_[row]) < id; });
    if (found != chosen.end() && OldId(rows_[*found]) == wanted)
      next[i] = static_cast<uint32_t>(found - chosen.begin());
  }
  return next;
}

// Old ids from `from` on, and the end, or the first id again.
std::string AliasResolver::ShowChain(const std::vector<uint32_t>& chosen, const std::vector<uint32_t>& next,
                                     uint32_t from) const {
  std::string text;
  uint32_t at = from;
  for (size_t shown = 0; at != kEnd && (at != from || shown == 0); at = next[at], ++shown) {
    if (shown == kIdsShown) return text + "…";
    text += ShownId(OldId(rows_[chosen[at]])) + " → ";
    if (next[at] == kEnd) return text + ShownId(NewId(rows_[chosen[at]]));
  }
  return text + ShownId(OldId(rows_[chosen[from]]));
}

absl::Status AliasResolver::Cycle(const std::vector<uint32_t>& chosen, const std::vector<uint32_t>& next,
                                  uint32_t inside, const std::vector<std::string>& files) const {
  uint32_t first = inside;
  for (uint32_t at = next[inside]; at != inside; at = next[at]) first = std::min(first, at);
  const Row& row = rows_[chosen[first]];
  const std::string circle = ShowChain(chosen, next, first);
  return MakeError(absl::StatusCode::kInvalidArgument, "ALIAS_CYCLE",
                   fmt::format("{}:{}: found merged identities that go round in a circle: {}; allowed: chains that end",
                               files[row.file], row.line, circle),
                   {{"file", files[row.file]}, {"row", std::to_string(row.line)}, {"ids", circle}});
}

absl::StatusOr<ResolvedAliases> AliasResolver::Resolve(const std::vector<std::string>& files) const {
  ResolvedAliases result;
  result.rows = static_cast<int64_t>(rows_.size());
  const std::vector<uint32_t> chosen = Choose(&result);
  const std::vector<uint32_t> next = NextOf(chosen);
  // The last place of each chain; kEnd where it is not known yet, `inside` while the chain is followed.
  std::vector<uint32_t> last(chosen.size(), kEnd);
  std::vector<bool> inside(chosen.size());
  std::vector<uint32_t> path;
  for (uint32_t start = 0; start < chosen.size(); ++start) {
    uint32_t at = start;
    path.clear();
    while (last[at] == kEnd && next[at] != kEnd) {
      if (inside[at]) return Cycle(chosen, next, at, files);
      inside[at] = true;
      path.push_back(at);
      at = next[at];
    }
    const uint32_t end = last[at] == kEnd ? at : last[at];
    last[at] = end;
    for (const uint32_t place : path) last[place] = end;
  }
  std::vector<AliasEntry> entries;
  std::vector<std::string_view> customers;
  for (uint32_t i = 0; i < chosen.size(); ++i) {
    const std::string_view id = OldId(rows_[chosen[i]]);
    entries.push_back({.hash = Hash64(id), .id = id, .target = NewId(rows_[chosen[last[i]]])});
    customers.push_back(entries.back().target);
    if (i < kAliasExamples) result.examples.push_back(ShowChain(chosen, next, i));
  }
  std::sort(customers.begin(), customers.end());
  result.customers = std::unique(customers.begin(), customers.end()) - customers.begin();
  result.aliases = static_cast<int64_t>(entries.size());
  result.table = EncodeAliasTable(std::move(entries));
  return result;
}

}  // namespace strata
