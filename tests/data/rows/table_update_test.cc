// The promise of the ledger for tables: nights, segments and compaction leave no trace in what a shard holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/rows/living_table.h"
#include "tests/data/rows/raw_table.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 30;
constexpr size_t kRows = 300;

struct Kind {
  std::string name;
  TableLayout layout;
  uint64_t customers = 0;  // 0: a reference shard
};

class Tables : public testing::TestWithParam<Kind> {
 protected:
  const TableLayout& layout() const { return GetParam().layout; }
  TableBatch Batch(const std::vector<RawTableRow>& rows) const { return ToTableBatch(rows, layout().has_key); }
  std::vector<RawTableRow> RowsOf(uint64_t seed) const { return RandomTableRows(seed, kRows, GetParam().customers); }
  TableUpdate AtOnce(const std::vector<RawTableRow>& rows) const {
    return *UpdateTableShard(layout(), {}, {}, {Batch(rows)});
  }
};

TEST_P(Tables, ThirtyNightsEqualOne) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<RawTableRow> rows = RowsOf(seed);
    std::shuffle(rows.begin(), rows.end(), random);
    std::vector<std::vector<std::vector<RawTableRow>>> nights(30,
                                                              std::vector<std::vector<RawTableRow>>(1 + random() % 3));
    for (const RawTableRow& row : rows) {
      auto& night = nights[random() % nights.size()];
      night[random() % night.size()].push_back(row);
    }
    LivingTable living(layout());
    for (const auto& night : nights) {
      std::vector<TableBatch> fresh;
      for (const auto& batch : night) fresh.push_back(Batch(batch));
      living.Add(fresh);
      EXPECT_LE(living.segments().size(), kMaxShardSegments);
    }
    const TableUpdate once = AtOnce(rows);
    ExpectEqualTotals(living.totals(), once.totals);
    ExpectEqualTotals(living.Sum(), once.totals);
    living.Add({}, Compaction::kAll);
    ASSERT_EQ(living.segments().size(), 1u);
    ExpectEqualTotals(living.totals(), once.totals);
    EXPECT_EQ(living.newest(), once.segment) << "compacted, the bytes are those of one night";
  }
}

// A shard without a file is the shard that never saw it: also the rows that lost against its rows count again.
TEST_P(Tables, RemovedFilesLeaveNoTrace) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<RawTableRow> rows = RowsOf(seed);
    const auto removed = static_cast<int32_t>(random() % 5);
    const int32_t removed_after = removed + static_cast<int32_t>(random() % static_cast<uint64_t>(5 - removed));
    LivingTable living(layout());
    std::vector<RawTableRow> left;
    for (int32_t file = 0; file < 5; ++file) {  // a night per file
      std::vector<RawTableRow> night;
      for (const RawTableRow& row : rows) {
        if (row.file == file) night.push_back(row);
      }
      if (file != removed) left.insert(left.end(), night.begin(), night.end());
      living.Add({Batch(night)});
      if (file == removed_after) living.Remove(removed);
    }
    living.Add({});  // a night without rows: what counts is found anew
    ExpectEqualTotals(living.totals(), AtOnce(left).totals);
    living.Add({}, Compaction::kAll);
    EXPECT_EQ(living.newest(), AtOnce(left).segment);
  }
}

TEST_P(Tables, CountsWhatTheRulesSay) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<RawTableRow> rows = RowsOf(seed);
    const RawSettled expected = SettleRaw(rows, layout());
    const TableTotals totals = AtOnce(rows).totals;
    std::map<int32_t, int64_t> by_file;
    std::map<Day, int64_t> by_day;
    std::set<std::string> ids;
    for (const RawTableRow& row : expected.rows) {
      ++by_file[row.file];
      ++by_day[row.day];
      ids.insert(row.id);
    }
    EXPECT_EQ(totals.rows, static_cast<int64_t>(expected.rows.size()));
    EXPECT_EQ(totals.conflicts, layout().has_key ? expected.conflicts : 0);
    EXPECT_EQ(totals.customers, static_cast<int64_t>(ids.size()));
    EXPECT_EQ(totals.rows_by_file, by_file);
    EXPECT_EQ(totals.rows_by_day, by_day);
  }
}

// Numbers of files say in which order they came, which is nobody's business.
TEST_P(Tables, TheDigestKnowsNoFiles) {
  std::vector<RawTableRow> rows = RowsOf(7);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].key = i;  // which of two rows counts may depend on files
  const TableTotals totals = AtOnce(rows).totals;
  for (RawTableRow& row : rows) row.file = 4 - row.file;
  EXPECT_EQ(AtOnce(rows).totals.digest, totals.digest);
  rows[50].amount = 1 + (rows[50].amount == 1);
  EXPECT_NE(AtOnce(rows).totals.digest, totals.digest);
}

TEST_P(Tables, AShardWhoseFilesAreAllRemovedIsEmpty) {
  LivingTable living(layout());
  std::vector<RawTableRow> rows = RowsOf(1);
  for (RawTableRow& row : rows) row.file = 3;
  living.Add({Batch(rows)});
  living.Remove(3);
  living.Add({});
  ExpectEqualTotals(living.totals(), TableTotals());
  living.Add({}, Compaction::kAll);
  EXPECT_TRUE(living.segments().empty());
}

TEST_P(Tables, ANightThatBringsNothingWritesNothing) {
  LivingTable living(layout());
  living.Add({Batch(RowsOf(1))});
  const TableUpdate update = *UpdateTableShard(layout(), living.segments(), {}, {});
  EXPECT_EQ(update.kept, 1u);
  EXPECT_EQ(update.segment, "");
  ExpectEqualTotals(update.totals, living.totals());
  const TableUpdate change =
      *UpdateTableShard(layout(), living.segments(), {}, {}, nullptr, Compaction::kWhenItPays, Counting::kChange);
  ExpectEqualTotals(change.totals, TableTotals());
}

INSTANTIATE_TEST_SUITE_P(Kinds, Tables,
                         testing::Values(Kind{"EventsWithKey", RawLayout(true), 40},
                                         Kind{"EventsWithoutKey", RawLayout(false), 40},
                                         Kind{"Versions", RawLayout(true, Effect::kVersion), 40},
                                         Kind{"ReferenceVersions", RawLayout(true, Effect::kVersion, {1}), 0},
                                         Kind{"ReferenceEvents", RawLayout(false), 0}),
                         [](const auto& param) { return param.param.name; });

TEST(TableStories, TheLaterUpdateWinsAndTheOlderOneCountsAgainWithoutIt) {
  const RawTableRow old_row{.id = "ann", .day = 100, .file = 3, .key = 1, .version = 10, .region = "north"};
  RawTableRow new_row = old_row;
  new_row.region = "south";
  new_row.file = 4;
  new_row.version = 11;
  LivingTable living(RawLayout(true));
  living.Add({ToTableBatch({old_row}, true)});
  living.Add({ToTableBatch({new_row}, true)});
  EXPECT_EQ(living.totals().rows_by_file, (std::map<int32_t, int64_t>{{4, 1}}));
  EXPECT_EQ(living.totals().conflicts, 1);
  const TableShard both = living.Read(200);
  EXPECT_EQ(both.word(0, both.code(0)[0]), "south");
  living.Remove(4);
  living.Add({});
  EXPECT_EQ(living.totals().rows_by_file, (std::map<int32_t, int64_t>{{3, 1}}));
  EXPECT_EQ(living.totals().conflicts, 0);
  const TableShard one = living.Read(200);
  EXPECT_EQ(one.word(0, one.code(0)[0]), "north");
}

// Two files of one key with a date each by the job: both are versions.
TEST(TableStories, AVersionOfAnotherDayIsNoDuplicate) {
  const RawTableRow first{.id = "ann", .day = 100, .file = 1, .key = 1, .region = "north"};
  RawTableRow second = first;
  second.day = 200;
  second.file = 2;
  LivingTable living(RawLayout(true, Effect::kVersion));
  living.Add({ToTableBatch({first, second}, true)});
  EXPECT_EQ(living.totals().rows, 2);
  EXPECT_EQ(living.totals().conflicts, 0);
}

TEST(TableStories, ABatchOfOtherColumnsIsRefused) {
  TableBatch batch = ToTableBatch({{.id = "ann", .day = 100, .key = 1}}, true);
  EXPECT_THAT(UpdateTableShard(RawLayout(false), {}, {}, {batch}),
              FailsWith(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT"));
  batch.columns.pop_back();
  EXPECT_THAT(UpdateTableShard(RawLayout(true), {}, {}, {batch}),
              FailsWith(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT"));
}

}  // namespace
}  // namespace strata
