// One table in one shard of the ledger: what a night does to it, and the rows that hold as of a date.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/ledger/shard.h"
#include "data/rows/table_batch.h"
#include "data/tables/alias_table.h"

namespace strata {

struct TableTotals { int64_t customers = 0, rows = 0, conflicts = 0; Hash128 digest;
                     std::map<int32_t, int64_t> rows_by_file; std::map<Day, int64_t> rows_by_day; };
struct TableUpdate { size_t kept = 0; std::string segment; TableTotals totals; };
absl::StatusOr<TableUpdate> UpdateTableShard(const TableLayout& layout, std::span<const std::string_view> segments,
    std::span<const int32_t> removed_files, const std::vector<TableBatch>& fresh, const AliasTable* leaving,
    Compaction compaction = Compaction::kWhenItPays);

// Rows of one table that hold as of a date, aligned to a list of customers. Views of segments where one is enough.
enum class Versions : uint8_t { kApplying, kAll };  // of a version table: the one at as_of | all up to it (costs by day, cutoffs)
class TableShard {
 public:
  static absl::StatusOr<TableShard> Open(const TableLayout& layout, std::vector<std::string_view> segments,
                                         std::vector<int32_t> removed_files, Day as_of,
                                         Versions versions = Versions::kApplying);
  // `hash` and ids ascending by (hash, id). Rows of customers that are not among them: orphans().
  void Align(std::span<const uint64_t> hash, const std::function<std::string_view(size_t)>& id);
  size_t rows() const;
  size_t begin(size_t customer) const; size_t end(size_t customer) const;  // kApplying: at most one row
  std::span<const Day> day() const; std::span<const int16_t> minute() const;
  int Column(std::string_view name) const;  // -1: not mapped
  std::span<const int64_t> whole(int column) const;
  std::span<const int32_t> code(int column) const;
  std::string_view word(int column, int32_t code) const; size_t words(int column) const;
  int64_t orphans() const; int64_t after_as_of() const;
  const std::map<int32_t, int64_t>& after_as_of_by_file() const;

 private:
  struct Rows;
  std::shared_ptr<Rows> rows_;
};
// All that a shard has, by TableId; the reference shard likewise. Null: the job has no such table.
struct ShardTables { std::array<const TableShard*, kTableCount + 1> tables{}; std::array<const TableShard*, kTableCount + 1> reference{}; };

}  // namespace strata
