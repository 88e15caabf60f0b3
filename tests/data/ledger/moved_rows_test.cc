// Rows that change their customer when identities are merged night by night: in the end every shard holds what it would
// hold if all had been known in the first night.
#include "data/ledger/moved_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/base/status_matchers.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr uint32_t kShards = 3;
constexpr uint64_t kSeeds = 40;

using Table = std::map<std::string, std::string>;

std::string CustomerOf(const Table& table, const std::string& id) {
  const auto found = table.find(id);
  return found == table.end() ? id : found->second;
}

std::string BytesOf(const Table& table) {
  std::vector<AliasEntry> entries;
  for (const auto& [id, target] : table) entries.push_back({Hash64(id), id, target});
  return EncodeAliasTable(std::move(entries));
}

// Rows under their customers, as ingest makes them: the hash of a row's content keeps the id that the row came with.
RowBatch BatchOf(const std::vector<RawRow>& rows, const Table& table, uint32_t shard, bool has_transaction_id) {
  std::vector<RawRow> here;
  TextColumn ids;
  std::vector<uint64_t> hashes;
  for (const RawRow& row : rows) {
    const std::string customer = CustomerOf(table, row.id);
    if (ShardOf(Hash64(customer), kShards) != shard) continue;
    here.push_back(row);
    ids.Append(customer);
    hashes.push_back(Hash64(customer));
  }
  RowBatch batch = ToBatch(here, has_transaction_id);
  batch.id = ids;
  batch.hash = hashes;
  return batch;
}

// All shards of a ledger through nights in which rows come, files go and identities are merged.
class LivingLedger {
 public:
  explicit LivingLedger(bool has_transaction_id)
      : has_transaction_id_(has_transaction_id), shards_(kShards), totals_(kShards) {
    tables_.push_back(BytesOf({}));
  }

  void Remove(int32_t file) {
    for (LedgerShard& shard : shards_) {
      shard.removed_files.push_back(file);
      std::sort(shard.removed_files.begin(), shard.removed_files.end());
    }
    counting_ = Counting::kAllRows;
  }

  void Night(const std::vector<RawRow>& rows, const Table& table) {
    const AliasTable before = *AliasTable::Open(tables_.back());
    tables_.push_back(BytesOf(table));
    auto moves = MovesBetween(before, *AliasTable::Open(tables_.back()), kShards);
    ASSERT_OK(moves);
    const std::string moving = EncodeAliasTable(moves->entries);
    const AliasTable leaving = *AliasTable::Open(moving);
    std::vector<std::string> moved;
    for (const uint32_t shard : moves->shards) {
      auto collected = CollectMoved(shards_[shard], leaving, kShards, has_transaction_id_);
      ASSERT_OK(collected);
      customers_moved_ += collected->customers;
      if (!collected->object.empty()) moved.push_back(std::move(collected->object));
    }
    if (!moved.empty()) counting_ = Counting::kAllRows;
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      ShardMoves change{.leaving = moved.empty() ? nullptr : &leaving, .arriving = {}};
      for (const std::string& object : moved) {
        const auto segment = MovedInto(object, shard);
        ASSERT_OK(segment);
        if (!segment->empty()) change.arriving.push_back(*LedgerSegment::Open(*segment));
      }
      Update(shard, {BatchOf(rows, table, shard, has_transaction_id_)}, change);
    }
    counting_ = Counting::kChange;
  }

  const std::vector<ShardTotals>& totals() const { return totals_; }
  int64_t customers_moved() const { return customers_moved_; }

 private:
  void Update(uint32_t number, const std::vector<RowBatch>& fresh, const ShardMoves& moves) {
    LedgerShard& shard = shards_[number];
    auto update = UpdateShard(shard, fresh, has_transaction_id_, Compaction::kWhenItPays, moves, counting_);
    ASSERT_OK(update);
    shard.segments.resize(update->kept);
    if (!update->segment.empty()) {
      bytes_.push_back(std::move(update->segment));
      shard.segments.push_back(*LedgerSegment::Open(bytes_.back()));
    }
    EXPECT_LE(shard.segments.size(), kMaxShardSegments);
    if (counting_ == Counting::kAllRows) totals_[number] = {};
    totals_[number].Add(update->totals);
    EXPECT_EQ(totals_[number].digest, SumShard(shard, has_transaction_id_)->digest);
  }

  const bool has_transaction_id_;
  std::vector<LedgerShard> shards_;
  std::vector<ShardTotals> totals_;
  std::list<std::string> bytes_;   // of all segments
  std::list<std::string> tables_;  // of all nights
  int64_t customers_moved_ = 0;
  Counting counting_ = Counting::kAllRows;  // of the night at hand: as a run counts
};

// Merges two customers of `table` that are their own, where there still are two.
void MergeTwo(std::mt19937_64* random, const std::vector<std::string>& ids, Table* table) {
  const auto pick = [&] { return CustomerOf(*table, ids[(*random)() % ids.size()]); };
  const std::string from = pick(), to = pick();
  if (from == to) return;
  for (auto& [id, target] : *table) {
    if (target == from) target = to;
  }
  (*table)[from] = to;
}

class MovedRowsTest : public testing::TestWithParam<bool> {};

TEST_P(MovedRowsTest, IdentitiesMergedNightByNightEqualIdentitiesKnownFromTheStart) {
  int64_t moved = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<RawRow> rows = RandomRows(seed, 250);
    std::vector<std::string> ids;
    for (const RawRow& row : rows) ids.push_back(row.id);
    std::shuffle(rows.begin(), rows.end(), random);
    constexpr size_t kNights = 12;
    std::vector<std::vector<RawRow>> nights(kNights);
    for (const RawRow& row : rows) nights[random() % kNights].push_back(row);
    const auto removed = static_cast<int32_t>(random() % 5);
    const size_t removed_after = random() % 2 == 0 ? kNights / 2 : kNights;  // or never
    LivingLedger ledger(GetParam());
    Table table;
    std::vector<RawRow> left;
    for (size_t night = 0; night < kNights; ++night) {
      for (uint64_t merges = random() % 4; merges > 0; --merges) MergeTwo(&random, ids, &table);
      if (night == removed_after) {
        ledger.Remove(removed);
        std::erase_if(left, [removed](const RawRow& row) { return row.file == removed; });
      }
      if (night >= removed_after) {
        std::erase_if(nights[night], [removed](const RawRow& row) { return row.file == removed; });
      }
      left.insert(left.end(), nights[night].begin(), nights[night].end());
      ledger.Night(nights[night], table);
    }
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      const auto once = BuildShard({BatchOf(left, table, shard, GetParam())}, GetParam());
      ASSERT_OK(once);
      const ShardTotals& found = ledger.totals()[shard];
      EXPECT_EQ(found.digest, once->totals.digest);
      EXPECT_EQ(found.customers, once->totals.customers);
      EXPECT_EQ(found.rows, once->totals.rows);
      EXPECT_EQ(found.conflicts, once->totals.conflicts);
      EXPECT_EQ(found.rows_by_file, once->totals.rows_by_file);
      EXPECT_EQ(found.rows_by_day, once->totals.rows_by_day);
    }
    moved += ledger.customers_moved();
  }
  EXPECT_GT(moved, 100);
}

INSTANTIATE_TEST_SUITE_P(Transactions, MovedRowsTest, testing::Bool(),
                         [](const auto& param) { return param.param ? "Mapped" : "NotMapped"; });

TEST(MovedRows, OneTransactionUnderBothIdsCountsOnceAfterTheyAreOne) {
  const RawRow first{.id = "ann", .day = 100, .net_micros = 5, .file = 1, .transaction = 1};
  RawRow again = first;
  again.id = "ann2";
  again.file = 2;
  LivingLedger ledger(true);
  ledger.Night({first, again}, {});
  const auto rows = [&ledger] {
    int64_t sum = 0;
    for (const ShardTotals& totals : ledger.totals()) sum += totals.rows;
    return sum;
  };
  EXPECT_EQ(rows(), 2);
  ledger.Night({}, {{"ann2", "ann"}});
  EXPECT_EQ(rows(), 1);
  int64_t conflicts = 0;
  for (const ShardTotals& totals : ledger.totals()) conflicts += totals.conflicts;
  EXPECT_EQ(conflicts, 1) << "the rows differ in their customer's id";
}

TEST(MovedRows, DamageIsFoundByTheShardThatItBelongsTo) {
  Table table;
  for (int i = 0; i < 30; ++i) table["old-" + std::to_string(i)] = "new-" + std::to_string(i);
  std::vector<RawRow> rows;
  for (const auto& [old_id, new_id] : table) rows.push_back({.id = old_id, .day = 1, .net_micros = 1});
  const auto built = BuildShard({ToBatch(rows, false)}, false);
  const std::string aliases = BytesOf(table);
  const auto moved = CollectMoved(ShardOver(built->segment), *AliasTable::Open(aliases), kShards, false);
  ASSERT_OK(moved);
  const std::string& object = moved->object;
  std::vector<uint64_t> sizes(kShards);
  ASSERT_OK(AddMovedSizes(object, &sizes));
  std::vector<std::string> whole;
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    whole.emplace_back(MovedInto(object, shard).value());
    EXPECT_EQ(sizes[shard], whole[shard].size()) << shard;
    EXPECT_GT(sizes[shard], 0u) << "the customers are of all shards";
  }
  int64_t refused = 0;
  for (size_t at = 0; at < object.size(); ++at) {
    std::string flipped = object;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      const auto segment = MovedInto(flipped, shard);
      EXPECT_EQ(segment.value_or(whole[shard]), whole[shard]) << "byte " << at;
      refused += segment.ok() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 0);
  for (size_t size = 0; size < object.size(); size += 7) {
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      const auto segment = MovedInto(std::string_view(object).substr(0, size), shard);
      EXPECT_THAT(segment, FailsWith(absl::StatusCode::kDataLoss, "MOVED_ROWS_CORRUPT")) << "of " << size << " bytes";
    }
  }
  std::vector<uint64_t> too_few(1);
  EXPECT_THAT(AddMovedSizes(object, &too_few), FailsWith(absl::StatusCode::kDataLoss, "MOVED_ROWS_CORRUPT"));
}

TEST(MovedRows, ObjectsOfAnotherKindAreRefused) {
  EXPECT_THAT(MovedInto("", 0), FailsWith(absl::StatusCode::kDataLoss, "MOVED_ROWS_CORRUPT"));
  const std::string table = BytesOf({{"ann2", "ann"}});
  const auto built = BuildShard({ToBatch({{.id = "ann2", .day = 1, .net_micros = 1}}, false)}, false);
  const LedgerShard shard = ShardOver(built->segment);
  const auto moved = CollectMoved(shard, *AliasTable::Open(table), kShards, false);
  ASSERT_OK(moved);
  EXPECT_EQ(moved->customers, 1);
  std::string newer = moved->object;
  newer[8] = 9;
  EXPECT_THAT(MovedInto(newer, 0), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
  EXPECT_THAT(MovedInto(moved->object.substr(0, 100), ShardOf(Hash64("ann"), kShards)),
              FailsWith(absl::StatusCode::kDataLoss, "MOVED_ROWS_CORRUPT"));
  EXPECT_THAT(CollectMoved(shard, *AliasTable::Open(table), kShards, true),
              FailsWith(absl::StatusCode::kFailedPrecondition, "LEDGER_MISMATCH"));
}

}  // namespace
}  // namespace strata
