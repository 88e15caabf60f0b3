// From the rows of a table of merged identities to what they say of every id. A pure function of the rows, whatever
// their order; where they came from only names rows in errors. Not thread-safe.
//
// Of several rows with one old id the one with the latest date counts; of those with equal dates the one with the
// greatest hash of its content, and the others are a conflict when they name another new id. Rows that do not count are
// forgotten. Then chains are followed to their end: with a → b and b → c, a and b are c. Chains without an end are an
// error. The date does no more than that: whoever is one person is so for all of history.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"

namespace strata {

// Positions in memory have 32 bits, and a table as long as this takes some gigabytes to resolve.
inline constexpr size_t kMaxAliasRows = 50'000'000;
inline constexpr size_t kAliasExamples = 3;  // enough to recognise a table

struct ResolvedAliases {
  std::string table;  // data/tables/alias_table.h
  int64_t rows = 0;
  int64_t aliases = 0;                         // distinct old ids
  int64_t customers = 0;                       // distinct ids at the ends of chains
  int64_t superseded = 0;                      // rows that do not count, because another one of their old id is later
  int64_t conflicts = 0;                       // old ids with several new ids at one date
  std::vector<std::string> conflict_examples;  // "'a' is 'b' and 'c' on 2024-01-02; 'c' counts", smallest ids first
  std::vector<std::string> examples;           // "a → b → c", smallest ids first
};

class AliasResolver {
 public:
  // `file` is the place of a file in what Resolve gets. Preconditions: ids are not empty, at most 65,535 bytes long,
  // and differ.
  void Add(std::string_view old_id, std::string_view new_id, Day day, int64_t nanos, uint32_t file, int64_t line);
  size_t rows() const { return rows_.size(); }

  // INVALID_ARGUMENT: ALIAS_CYCLE names a row of the circle that has the smallest id, and the circle's ids from that
  // one on.
  absl::StatusOr<ResolvedAliases> Resolve(const std::vector<std::string>& files) const;

 private:
  struct Row {
    uint64_t text = 0;  // where old id and new id begin
    uint64_t row_hash = 0;
    int64_t nanos = 0;
    int64_t line = 0;
    Day day = 0;
    uint32_t file = 0;
    uint16_t old_bytes = 0;
    uint16_t new_bytes = 0;
  };
  std::string_view OldId(const Row& row) const { return {texts_.data() + row.text, row.old_bytes}; }
  std::string_view NewId(const Row& row) const { return {texts_.data() + row.text + row.old_bytes, row.new_bytes}; }
  std::vector<uint32_t> Choose(ResolvedAliases* result) const;
  void NoteConflict(const Row& winner, const Row& loser, ResolvedAliases* result) const;
  std::vector<uint32_t> NextOf(const std::vector<uint32_t>& chosen) const;
  absl::Status Cycle(const std::vector<uint32_t>& chosen, const std::vector<uint32_t>& next, uint32_t inside,
                     const std::vector<std::string>& files) const;
  std::string ShowChain(const std::vector<uint32_t>& chosen, const std::vector<uint32_t>& next, uint32_t from) const;

  std::string texts_;
  std::vector<Row> rows_;
};

}  // namespace strata
