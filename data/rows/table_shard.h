// One table in one shard of the ledger: what a night does to it, and the rows that hold as of a date. Pure functions of
// bytes; thread-safe. What data/ledger/shard.h says of segments, tiers and totals is true here as well, and so is the
// promise: what a shard holds is a function of the rows of the files that count, not of nights, segments or compaction.
//
// Errors are those of table_batch.h and table_segment.h.
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
#include "data/rows/table_segment.h"
#include "data/tables/alias_table.h"

namespace strata {

// As of a shard's days (conflicts: keys whose rows differ in content); rows that always hold are of kTimelessDay.
using TableTotals = ShardTotals;

struct TableUpdate {
  size_t kept = 0;      // the first segments that stay; the others are replaced by `segment`
  std::string segment;  // the new one; empty: none is needed
  TableTotals totals;   // as Counting says
};

// Adds new rows, which are in the shard's own blocks of map outputs and of rows that moved here. Independent of the
// order of `fresh` and of the rows within it. `leaving`, where it is not null: customers whose rows in the segments go
// elsewhere; the first segment that holds any of them is merged with all later ones. `removed_files` ascend.
//
// Counting::kChange is for nights that only add rows: INTERNAL (CHANGE_UNKNOWN) where somebody leaves.
absl::StatusOr<TableUpdate> UpdateTableShard(const TableLayout& layout, std::span<const TableSegment> segments,
                                             std::span<const int32_t> removed_files,
                                             const std::vector<TableBatch>& fresh, const AliasTable* leaving = nullptr,
                                             Compaction compaction = Compaction::kWhenItPays,
                                             Counting counting = Counting::kAllRows);

// Reads every row.
absl::StatusOr<TableTotals> SumTableShard(const TableLayout& layout, std::span<const TableSegment> segments,
                                          std::span<const int32_t> removed_files);

// The rows of customers who are among `moves`, under the customers they move to: what EncodeTableBatches takes,
// `shards` and the reference shard. They keep everything but their customer, also rows that only wait in the second
// place.
std::vector<TableBatch> CollectMovedRows(const TableLayout& layout, std::span<const TableSegment> segments,
                                         std::span<const int32_t> removed_files, const AliasTable& moves,
                                         uint32_t shards);

enum class Versions : uint8_t {
  kApplying,  // of a version table: the latest of each entity not after as_of; ties by the greatest row hash
  kAll,       // all up to as_of, for whoever asks at earlier dates
};

// The rows of one table that count as of a date, customer by customer in the order (hash, id), column by column. A
// customer's rows are in the order of row_rules.h; those of entities with kApplying in the order of the entities. Rows
// of event tables are all those not after as_of; rows that always hold are not after any date.
//
// Views the segments' bytes, which must outlive it and its copies. Copies share what they hold, so Align is for whoever
// opened it; everything else is read-only and thread-safe.
class TableShard {
 public:
  static absl::StatusOr<TableShard> Open(const TableLayout& layout, std::vector<std::string_view> segments,
                                         std::vector<int32_t> removed_files, Day as_of,
                                         Versions versions = Versions::kApplying);
  // The same from segments that were opened before.
  static TableShard Read(const TableLayout& layout, std::vector<TableSegment> segments,
                         std::span<const int32_t> removed_files, Day as_of, Versions versions = Versions::kApplying);

  size_t rows() const;
  std::span<const Day> day() const;
  std::span<const int16_t> minute() const;
  std::span<const int32_t> file() const;

  // Whose rows they are: customers in the order (hash, id); of a reference shard at most one, without an id.
  struct Owner {
    uint64_t hash = 0;
    std::string_view id;
    size_t begin = 0, end = 0;  // of the rows
  };
  std::span<const Owner> owners() const;

  // From now on begin, end and orphans speak of these customers: `hash` and ids ascend by (hash, id).
  void Align(std::span<const uint64_t> hash, const std::function<std::string_view(size_t)>& id);
  // The rows of a customer. Preconditions: aligned; customer < hash.size(). Of a version table without an entity that
  // was opened with kApplying at most one.
  size_t begin(size_t customer) const;
  size_t end(size_t customer) const;
  int64_t orphans() const;  // rows whose customer is not among them

  int Column(std::string_view name) const;  // -1: not mapped
  // Preconditions: 0 <= column, and its type is none, or one, of words.
  std::span<const int64_t> whole(int column) const;  // kNoWhole: missing
  std::span<const int32_t> code(int column) const;   // -1: missing
  // Words ascend by bytes; some may be in no row. Precondition: 0 <= code < words(column).
  std::string_view word(int column, int32_t code) const;
  size_t words(int column) const;

  int64_t after_as_of() const;  // rows of later days, which the view leaves out
  const std::map<int32_t, int64_t>& after_as_of_by_file() const;

 private:
  struct Rows;
  std::shared_ptr<Rows> rows_;
};

// All that a shard has, by TableId; the reference shard likewise. Null: the job has no such table.
struct ShardTables {
  std::array<const TableShard*, kTableCount + 1> tables{};
  std::array<const TableShard*, kTableCount + 1> reference{};
};

}  // namespace strata
