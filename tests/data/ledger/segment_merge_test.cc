// A segment of new rows against a slow obvious ledger. What nights do to a shard: shard_test.cc.
#include <gtest/gtest.h>

#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 40;

ShardUpdate BuildAtOnce(const std::vector<RawRow>& rows, bool has_transaction_id) {
  absl::StatusOr<ShardUpdate> result = BuildShard({ToBatch(rows, has_transaction_id)}, has_transaction_id);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ShardUpdate{};
}

void ExpectEqual(const ShardTotals& totals, const OracleLedger& oracle) {
  std::map<Day, int64_t> rows_by_day;
  int64_t rows = 0;
  for (const auto& [key, parts] : oracle.days) {
    for (const auto& [day_and_file, part] : parts) {
      rows_by_day[day_and_file.first] += part.rows;
      rows += part.rows;
    }
  }
  EXPECT_EQ(totals.customers, static_cast<int64_t>(oracle.days.size()));
  EXPECT_EQ(totals.rows, rows);
  EXPECT_EQ(totals.rows_by_day, rows_by_day);
  EXPECT_EQ(totals.rows_by_file, oracle.rows_by_file);
  EXPECT_EQ(totals.conflicts, oracle.conflicts);
}

void ExpectEqual(const ShardUpdate& update, const OracleLedger& oracle) {
  ExpectEqual(update.totals, oracle);
  const absl::StatusOr<LedgerSegment> segment = LedgerSegment::Open(update.segment);
  ASSERT_TRUE(segment.ok()) << segment.status();
  ASSERT_EQ(segment->customers(), oracle.days.size());
  size_t customer = 0;
  for (const auto& [key, parts] : oracle.days) {
    EXPECT_EQ(segment->hash(customer), key.first);
    EXPECT_EQ(segment->id(customer), key.second);
    std::map<std::pair<Day, int32_t>, OracleLedger::DayPart> found;
    for (const LedgerDay& day : segment->days(customer)) {
      found[{day.day, day.file}] = {day.net_micros, day.rows, day.return_rows};
    }
    EXPECT_EQ(found, parts) << key.second;
    ++customer;
  }
}

TEST(SegmentMerge, EqualsTheSlowLedger) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const bool has_transaction_id : {false, true}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " transactions " << has_transaction_id);
      const std::vector<RawRow> rows = RandomRows(seed, 10 * seed);
      ExpectEqual(BuildAtOnce(rows, has_transaction_id), BuildOracle(rows, has_transaction_id));
    }
  }
}

// One line per transaction and file: the best of its file.
TEST(SegmentMerge, StoresTheBestLineOfEveryFileInOrder) {
  const std::vector<RawRow> rows = RandomRows(7, 500);
  const ShardUpdate result = BuildAtOnce(rows, true);
  const LedgerSegment segment = *LedgerSegment::Open(result.segment);
  ASSERT_TRUE(segment.has_lines());
  std::map<CustomerKey, std::map<std::pair<uint64_t, int32_t>, std::vector<RawRow>>> groups;
  for (const RawRow& row : rows) groups[KeyOf(row)][{row.transaction, row.file}].push_back(row);
  size_t customer = 0;
  for (const auto& [key, of_customer] : groups) {
    std::vector<RawRow> expected;
    for (const auto& [of, group] : of_customer)
      expected.push_back(*std::min_element(group.begin(), group.end(), Beats));
    std::sort(expected.begin(), expected.end(), [](const RawRow& a, const RawRow& b) {
      return std::tuple(a.day, a.minute, a.transaction, a.file) < std::tuple(b.day, b.minute, b.transaction, b.file);
    });
    const std::vector<LedgerLine> lines = segment.lines(customer++);
    ASSERT_EQ(lines.size(), expected.size()) << key.second;
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].transaction.high, expected[i].transaction);
      EXPECT_EQ(lines[i].row_hash, expected[i].RowHash());
      EXPECT_EQ(lines[i].file, expected[i].file);
      EXPECT_EQ(lines[i].net_micros, expected[i].net_micros);
      EXPECT_EQ(lines[i].updated_at_us, expected[i].updated_at_us);
    }
  }
}

TEST(SegmentMerge, DigestKnowsNoFileNumbers) {
  const std::vector<RawRow> rows = RandomRows(3, 300);
  std::vector<RawRow> renumbered = rows;
  for (RawRow& row : renumbered) row.file = 1000 - row.file / 2;
  for (const bool has_transaction_id : {false, true}) {
    const ShardUpdate before = BuildAtOnce(rows, has_transaction_id);
    const ShardUpdate after = BuildAtOnce(renumbered, has_transaction_id);
    EXPECT_EQ(before.totals.digest, after.totals.digest);
    EXPECT_NE(before.segment, after.segment);
  }
}

TEST(SegmentMerge, DigestSeesEverythingElse) {
  std::vector<RawRow> rows = RandomRows(5, 50);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].transaction = i;  // all are kept
  using Change = void (*)(RawRow&);
  const Change of_days[] = {
      [](RawRow& row) { row.id += "x"; },
      [](RawRow& row) { row.day += 1000; },
      [](RawRow& row) { row.net_micros += 1; },
      [](RawRow& row) { row.is_return = !row.is_return; },
  };
  const Change of_lines[] = {
      [](RawRow& row) { row.minute = static_cast<int16_t>((row.minute + 1) % 1440); },
      [](RawRow& row) { row.transaction += 1'000'000; },
      [](RawRow& row) { row.updated_at_us = 4711; },
  };
  const auto digest = [&](Change change, bool has_transaction_id) {
    std::vector<RawRow> changed = rows;
    if (change != nullptr) change(changed[0]);
    return BuildAtOnce(changed, has_transaction_id).totals.digest;
  };
  for (const Change change : of_days) {
    EXPECT_NE(digest(change, false), digest(nullptr, false));
    EXPECT_NE(digest(change, true), digest(nullptr, true));
  }
  for (const Change change : of_lines) {
    EXPECT_EQ(digest(change, false), digest(nullptr, false));
    EXPECT_NE(digest(change, true), digest(nullptr, true));
  }
  EXPECT_EQ(BuildAtOnce({}, true).totals.digest, Hash128{}) << "of nobody there is nothing to tell";
}

TEST(SegmentMerge, KeepsIdenticalRowsWithoutTransactionId) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5};
  const ShardUpdate result = BuildAtOnce({row, row, row}, false);
  const std::vector<LedgerDay> days = LedgerSegment::Open(result.segment)->days(0);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].rows, 3);
  EXPECT_EQ(days[0].net_micros, 15);
  EXPECT_EQ(result.totals.rows_by_file, (std::map<int32_t, int64_t>{{0, 3}}));
}

TEST(SegmentMerge, DuplicatesAreWithinACustomer) {
  RawRow ann{.id = "ann", .day = 100, .net_micros = 5, .transaction = 1};
  RawRow bob = ann;
  bob.id = "bob";
  const ShardUpdate result = BuildAtOnce({ann, bob}, true);
  EXPECT_EQ(result.totals.rows, 2);
  EXPECT_EQ(result.totals.conflicts, 0);
}

TEST(SegmentMerge, TellsCustomersOfOneHashApart) {
  RowBatch batch = ToBatch({{.id = "b", .day = 1, .net_micros = 1},
                            {.id = "a", .day = 1, .net_micros = 2},
                            {.id = "c", .day = 1, .net_micros = 4},
                            {.id = "a", .day = 2, .net_micros = 8}},
                           false);
  std::fill(batch.hash.begin(), batch.hash.end(), 42u);
  const ShardUpdate first = *BuildShard({batch}, false);
  const ShardUpdate result = *UpdateShard(ShardOver(first.segment), {batch}, false);
  const LedgerSegment segment = *LedgerSegment::Open(result.segment);
  ASSERT_EQ(segment.customers(), 3u);
  EXPECT_EQ(segment.id(0), "a");
  EXPECT_EQ(segment.id(1), "b");
  EXPECT_EQ(segment.id(2), "c");
  EXPECT_EQ(segment.days(0).size(), 2u);
  EXPECT_EQ(segment.days(2)[0].net_micros, 8);
}

TEST(SegmentMerge, TellsIdsOfOneHashApartWhereverTheyDiffer) {
  for (size_t size = 1; size <= 20; ++size) {
    for (size_t place = 0; place < size; ++place) {
      const std::string one(size, 'a');
      std::string other = one;
      other[place] = 'b';
      const RawRow row{.id = one, .day = 1, .net_micros = 1};
      RawRow of_other = row;
      of_other.id = other;
      RowBatch batch = ToBatch({row, of_other, row}, false);
      std::fill(batch.hash.begin(), batch.hash.end(), 42u);
      const ShardUpdate update = *BuildShard({batch}, false);
      const LedgerSegment segment = *LedgerSegment::Open(update.segment);
      ASSERT_EQ(segment.customers(), 2u) << size << " " << place;
      EXPECT_EQ(segment.id(0), one);
      EXPECT_EQ(segment.days(0)[0].rows, 2);
    }
  }
}

TEST(SegmentMerge, AShardWithoutCustomersNeedsNoSegment) {
  const ShardUpdate empty = *BuildShard({}, false);
  EXPECT_EQ(empty.totals.customers, 0);
  EXPECT_EQ(empty.segment, "");
}

// The digest names a ledger for good: when this fails, raise the version of file registries (run/ledger_version.cc),
// which keep it, and say so in an ADR.
TEST(SegmentMerge, DigestIsTheOneOfOldLedgers) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5, .minute = 7, .transaction = 1, .updated_at_us = 3};
  EXPECT_EQ(Hex(BuildAtOnce({row}, false).totals.digest), "57aa8bf3b24fce1af9ae7f0c29d0e327");
  EXPECT_EQ(Hex(BuildAtOnce({row}, true).totals.digest), "43c4231468539e52cf365f50e0c3dbe8");
}

}  // namespace
}  // namespace strata
