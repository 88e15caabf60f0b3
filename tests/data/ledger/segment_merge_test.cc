// The ledger against a slow obvious one, and its promise: batches, nights and order leave no trace.
#include <gtest/gtest.h>

#include <numeric>

#include "data/ledger/ledger.h"
#include "tests/data/ledger/raw_rows.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 40;

SegmentResult Build(std::string_view parent, const std::vector<RowBatch>& fresh, bool has_transaction_id) {
  absl::StatusOr<SegmentResult> result = BuildSegment(parent, fresh, has_transaction_id);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : SegmentResult{};
}

SegmentResult BuildAtOnce(const std::vector<RawRow>& rows, bool has_transaction_id) {
  return Build("", {ToBatch(rows, has_transaction_id)}, has_transaction_id);
}

void ExpectEqual(const SegmentResult& result, const OracleLedger& oracle) {
  const absl::StatusOr<LedgerSegment> segment = LedgerSegment::Open(result.bytes);
  ASSERT_TRUE(segment.ok()) << segment.status();
  ASSERT_EQ(segment->customers(), oracle.days.size());
  std::map<Day, int64_t> rows_by_day;
  int64_t rows = 0;
  size_t customer = 0;
  for (const auto& [key, parts] : oracle.days) {
    EXPECT_EQ(segment->hash(customer), key.first);
    EXPECT_EQ(segment->id(customer), key.second);
    std::map<std::pair<Day, int32_t>, OracleLedger::DayPart> found;
    for (const LedgerDay& day : segment->days(customer)) {
      found[{day.day, day.file}] = {day.net_micros, day.rows, day.return_rows};
      rows_by_day[day.day] += day.rows;
      rows += day.rows;
    }
    EXPECT_EQ(found, parts) << key.second;
    ++customer;
  }
  EXPECT_EQ(result.customers, static_cast<int64_t>(oracle.days.size()));
  EXPECT_EQ(result.rows, rows);
  EXPECT_EQ(result.rows_by_day, rows_by_day);
  EXPECT_EQ(result.duplicates_by_file, oracle.duplicates_by_file);
  EXPECT_EQ(result.conflicts, oracle.conflicts);
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

TEST(SegmentMerge, KeepsTheLinesOfTheSlowLedgerInOrder) {
  const std::vector<RawRow> rows = RandomRows(7, 500);
  const SegmentResult result = BuildAtOnce(rows, true);
  const LedgerSegment segment = *LedgerSegment::Open(result.bytes);
  ASSERT_TRUE(segment.has_lines());
  size_t customer = 0;
  for (auto& [key, kept] : BuildOracle(rows, true).kept) {
    std::vector<RawRow> expected = kept;
    std::sort(expected.begin(), expected.end(), [](const RawRow& a, const RawRow& b) {
      return std::tuple(a.day, a.minute, a.transaction) < std::tuple(b.day, b.minute, b.transaction);
    });
    std::vector<LedgerLine> lines;
    segment.AppendLines(customer++, &lines);
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

// Shuffles the rows and deals them to 1..5 nights of 1..4 batches each.
TEST(SegmentMerge, NightsAndBatchesLeaveNoTrace) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const bool has_transaction_id : {false, true}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " transactions " << has_transaction_id);
      std::vector<RawRow> rows = RandomRows(seed, 200);
      const SegmentResult at_once = BuildAtOnce(rows, has_transaction_id);

      std::mt19937_64 random(seed);
      std::shuffle(rows.begin(), rows.end(), random);
      const size_t nights = 1 + random() % 5;
      const size_t batches = 1 + random() % 4;
      std::vector<std::vector<std::vector<RawRow>>> dealt(nights, std::vector<std::vector<RawRow>>(batches));
      for (const RawRow& row : rows) dealt[random() % nights][random() % batches].push_back(row);
      SegmentResult last;
      std::map<int32_t, int64_t> duplicates_by_file;
      for (const auto& night : dealt) {
        std::vector<RowBatch> fresh;
        for (const auto& batch : night) fresh.push_back(ToBatch(batch, has_transaction_id));
        last = Build(last.bytes, fresh, has_transaction_id);
        for (const auto& [file, count] : last.duplicates_by_file) duplicates_by_file[file] += count;
      }
      EXPECT_EQ(last.bytes, at_once.bytes);
      EXPECT_EQ(last.digest, at_once.digest);
      EXPECT_EQ(last.rows, at_once.rows);
      EXPECT_EQ(last.rows_by_day, at_once.rows_by_day);
      EXPECT_EQ(duplicates_by_file, at_once.duplicates_by_file);
    }
  }
}

TEST(SegmentMerge, DigestKnowsNoFileNumbers) {
  const std::vector<RawRow> rows = RandomRows(3, 300);
  std::vector<RawRow> renumbered = rows;
  for (RawRow& row : renumbered) row.file = 1000 - row.file / 2;
  for (const bool has_transaction_id : {false, true}) {
    const SegmentResult before = BuildAtOnce(rows, has_transaction_id);
    const SegmentResult after = BuildAtOnce(renumbered, has_transaction_id);
    EXPECT_EQ(before.digest, after.digest);
    EXPECT_NE(before.bytes, after.bytes);
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
    return BuildAtOnce(changed, has_transaction_id).digest;
  };
  for (const Change change : of_days) {
    EXPECT_NE(digest(change, false), digest(nullptr, false));
    EXPECT_NE(digest(change, true), digest(nullptr, true));
  }
  for (const Change change : of_lines) {
    EXPECT_EQ(digest(change, false), digest(nullptr, false));
    EXPECT_NE(digest(change, true), digest(nullptr, true));
  }
  EXPECT_NE(BuildAtOnce({}, true).digest, BuildAtOnce({}, false).digest);
}

TEST(SegmentMerge, KeepsIdenticalRowsWithoutTransactionId) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5};
  const SegmentResult result = BuildAtOnce({row, row, row}, false);
  const std::vector<LedgerDay> days = LedgerSegment::Open(result.bytes)->days(0);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].rows, 3);
  EXPECT_EQ(days[0].net_micros, 15);
  EXPECT_TRUE(result.duplicates_by_file.empty());
}

TEST(SegmentMerge, DuplicatesAreWithinACustomer) {
  RawRow ann{.id = "ann", .day = 100, .net_micros = 5, .transaction = 1};
  RawRow bob = ann;
  bob.id = "bob";
  const SegmentResult result = BuildAtOnce({ann, bob}, true);
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.conflicts, 0);
}

TEST(SegmentMerge, TheLaterUpdateWinsAndTheOlderRowIsCountedUnderItsOwnFile) {
  const RawRow old_row{.id = "ann", .day = 100, .net_micros = 5, .file = 3, .transaction = 1, .updated_at_us = 10};
  RawRow new_row = old_row;
  new_row.net_micros = 7;
  new_row.file = 4;
  new_row.updated_at_us = 11;
  const SegmentResult first = BuildAtOnce({old_row}, true);
  const SegmentResult second = Build(first.bytes, {ToBatch({new_row}, true)}, true);
  EXPECT_EQ(LedgerSegment::Open(second.bytes)->days(0)[0].net_micros, 7);
  EXPECT_EQ(second.duplicates_by_file, (std::map<int32_t, int64_t>{{3, 1}}));
  EXPECT_EQ(second.conflicts, 1);
}

TEST(SegmentMerge, EqualContentKeepsTheSmallestFileWithoutConflict) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5, .file = 3, .transaction = 1};
  RawRow again = row;
  again.file = 1;
  const SegmentResult result = Build(BuildAtOnce({row}, true).bytes, {ToBatch({again}, true)}, true);
  EXPECT_EQ(LedgerSegment::Open(result.bytes)->days(0)[0].file, 1);
  EXPECT_EQ(result.duplicates_by_file, (std::map<int32_t, int64_t>{{3, 1}}));
  EXPECT_EQ(result.conflicts, 0);
}

TEST(SegmentMerge, TellsCustomersOfOneHashApart) {
  RowBatch batch = ToBatch({{.id = "b", .day = 1, .net_micros = 1},
                            {.id = "a", .day = 1, .net_micros = 2},
                            {.id = "c", .day = 1, .net_micros = 4},
                            {.id = "a", .day = 2, .net_micros = 8}},
                           false);
  std::fill(batch.hash.begin(), batch.hash.end(), 42u);
  const SegmentResult first = Build("", {batch}, false);
  const SegmentResult result = Build(first.bytes, {batch}, false);
  const LedgerSegment segment = *LedgerSegment::Open(result.bytes);
  ASSERT_EQ(segment.customers(), 3u);
  EXPECT_EQ(segment.id(0), "a");
  EXPECT_EQ(segment.id(1), "b");
  EXPECT_EQ(segment.id(2), "c");
  EXPECT_EQ(segment.days(0).size(), 2u);
  EXPECT_EQ(segment.days(2)[0].net_micros, 8);
}

TEST(SegmentMerge, AShardWithoutCustomersIsASegmentToo) {
  const SegmentResult empty = Build("", {}, false);
  EXPECT_EQ(empty.customers, 0);
  EXPECT_EQ(LedgerSegment::Open(empty.bytes)->customers(), 0u);
  EXPECT_EQ(LedgerSegment::Open(empty.bytes)->day_offsets().size(), 1u);
  const std::vector<RawRow> rows = RandomRows(1, 20);
  EXPECT_EQ(Build(empty.bytes, {ToBatch(rows, false)}, false).bytes, BuildAtOnce(rows, false).bytes);
}

// The digest names a ledger for good: when this fails, raise kLedgerFormatVersion and say so in an ADR.
TEST(SegmentMerge, DigestIsTheOneOfOldLedgers) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5, .minute = 7, .transaction = 1, .updated_at_us = 3};
  EXPECT_EQ(Hex(BuildAtOnce({row}, false).digest), "93ed98680b3d254e2343e1e594315637");
  EXPECT_EQ(Hex(BuildAtOnce({row}, true).digest), "7fd7f6d51dd2dd3e78bdb065a0a12a9c");
}

}  // namespace
}  // namespace strata
