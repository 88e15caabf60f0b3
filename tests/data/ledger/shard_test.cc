// The promise of the ledger: nights, segments and compaction leave no trace in what a shard holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/ledger/features.h"
#include "data/ledger/segment_spans.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 40;

ShardTotals AtOnce(const std::vector<RawRow>& rows, bool has_transaction_id) {
  const absl::StatusOr<ShardUpdate> update = BuildShard({ToBatch(rows, has_transaction_id)}, has_transaction_id);
  EXPECT_TRUE(update.ok()) << update.status();
  return update->totals;
}

std::string FeaturesOf(const LedgerShard& shard) {
  return BuildFeatures(shard, {.as_of = 9300, .has_churn = true, .churn_horizon_days = 60})->bytes;
}

class Shards : public testing::TestWithParam<bool> {
 protected:
  bool has_transaction_id() const { return GetParam(); }
};

// Rows are dealt to nights at random, so most of them are late, and transactions come again in later nights with other
// content.
TEST_P(Shards, ThirtyNightsEqualOne) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<RawRow> rows = RandomRows(seed, 300);
    std::shuffle(rows.begin(), rows.end(), random);
    std::vector<std::vector<std::vector<RawRow>>> nights(30, std::vector<std::vector<RawRow>>(1 + random() % 3));
    for (RawRow& row : rows) {
      auto& night = nights[random() % nights.size()];
      night[random() % night.size()].push_back(row);
    }
    LivingShard living(has_transaction_id());
    for (const auto& night : nights) {
      living.Add(night);
      EXPECT_LE(living.shard().segments.size(), kMaxShardSegments);
    }
    ExpectEqual(living.totals(), AtOnce(rows, has_transaction_id()));

    const ShardUpdate once = *BuildShard({ToBatch(rows, has_transaction_id())}, has_transaction_id());
    EXPECT_EQ(FeaturesOf(living.shard()), FeaturesOf(ShardOver(once.segment)));
    living.Add({}, Compaction::kAll);
    ASSERT_EQ(living.shard().segments.size(), 1u);
    ExpectEqual(living.totals(), once.totals);
    EXPECT_EQ(living.newest(), once.segment) << "compacted, the bytes are those of one night";
  }
}

// A shard without a file is the shard that never saw it: also the rows that lost against its rows count again.
TEST_P(Shards, RemovedFilesLeaveNoTrace) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<RawRow> rows = RandomRows(seed, 300);
    const auto removed = static_cast<int32_t>(random() % 5);
    LivingShard living(has_transaction_id());
    const size_t removed_before = random() % 5;
    std::vector<RawRow> left;
    for (int32_t file = 0; file < 5; ++file) {  // a night per file
      std::vector<RawRow> night;
      for (const RawRow& row : rows) {
        if (row.file == file) night.push_back(row);
      }
      if (file != removed) left.insert(left.end(), night.begin(), night.end());
      living.Add({night});
      if (static_cast<size_t>(file) == removed_before && file >= removed) living.Remove(removed);
    }
    if (living.shard().removed_files.empty()) living.Remove(removed);
    living.Add({});  // a night without rows: what counts is found anew
    ExpectEqual(living.totals(), AtOnce(left, has_transaction_id()));
    ExpectEqual(*SumShard(living.shard(), has_transaction_id()), living.totals());
    living.Add({}, Compaction::kAll);
    EXPECT_EQ(living.newest(), BuildShard({ToBatch(left, has_transaction_id())}, has_transaction_id())->segment);
    for (const LedgerSegment& segment : living.shard().segments) {
      EXPECT_THAT(segment.columns().days.file, testing::Not(testing::Contains(removed)));
    }
  }
}

TEST_P(Shards, AShardWhoseFilesAreAllRemovedIsEmpty) {
  LivingShard living(has_transaction_id());
  std::vector<RawRow> rows = RandomRows(1, 50);
  for (RawRow& row : rows) row.file = 3;
  living.Add({rows});
  living.Remove(3);
  living.Add({});
  EXPECT_EQ(living.totals().customers, 0);
  EXPECT_EQ(living.totals().digest, AtOnce({}, has_transaction_id()).digest);
  living.Add({}, Compaction::kAll);
  EXPECT_TRUE(living.shard().segments.empty());
}

INSTANTIATE_TEST_SUITE_P(Transactions, Shards, testing::Bool(),
                         [](const auto& param) { return param.param ? "Mapped" : "NotMapped"; });

TEST(ShardStories, TheLaterUpdateWinsAndTheOlderOneCountsAgainWithoutIt) {
  const RawRow old_row{.id = "ann", .day = 100, .net_micros = 5, .file = 3, .transaction = 1, .updated_at_us = 10};
  RawRow new_row = old_row;
  new_row.net_micros = 7;
  new_row.file = 4;
  new_row.updated_at_us = 11;
  LivingShard living(true);
  living.Add({{old_row}});
  living.Add({{new_row}});
  EXPECT_EQ(living.totals().rows_by_file, (std::map<int32_t, int64_t>{{4, 1}}));
  EXPECT_EQ(living.totals().conflicts, 1);
  living.Remove(4);
  living.Add({});
  EXPECT_EQ(living.totals().rows_by_file, (std::map<int32_t, int64_t>{{3, 1}}));
  EXPECT_EQ(living.totals().conflicts, 0);
}

TEST(ShardStories, EqualContentKeepsTheSmallestFileWithoutConflict) {
  const RawRow row{.id = "ann", .day = 100, .net_micros = 5, .file = 3, .transaction = 1};
  RawRow again = row;
  again.file = 1;
  LivingShard living(true);
  living.Add({{row}});
  living.Add({{again}});
  EXPECT_EQ(living.totals().rows_by_file, (std::map<int32_t, int64_t>{{1, 1}}));
  EXPECT_EQ(living.totals().conflicts, 0);
}

TEST(ShardStories, ANightThatBringsNothingWritesNothing) {
  LivingShard living(false);
  living.Add({RandomRows(1, 50)});
  const ShardUpdate update = *UpdateShard(living.shard(), {}, false);
  EXPECT_EQ(update.kept, 1u);
  EXPECT_EQ(update.segment, "");
  ExpectEqual(update.totals, living.totals());
  ExpectEqual(*SumShard(living.shard(), false), living.totals());
}

TEST(ShardStories, ASumOverNightsThatLeaves64BitsIsNamed) {
  LivingShard living(false);
  living.Add({{{.id = "ann", .day = 365, .net_micros = std::numeric_limits<int64_t>::max(), .file = 1}}});
  const auto update =
      UpdateShard(living.shard(), {ToBatch({{.id = "ann", .day = 365, .net_micros = 1, .file = 2}}, false)}, false);
  EXPECT_EQ(update.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(DetailOf(update.status())->metadata.at("day"), "1971-01-01");
}

TEST(SegmentsToKeep, MergesWhatIsNotMuchLargerThanTheNewOne) {
  EXPECT_EQ(SegmentsToKeep({}, 10), 0u);
  EXPECT_EQ(SegmentsToKeep(std::vector<int64_t>{1000, 100}, 0), 2u) << "nothing new, nothing to do";
  EXPECT_EQ(SegmentsToKeep(std::vector<int64_t>{1000, 41}, 10), 2u);
  EXPECT_EQ(SegmentsToKeep(std::vector<int64_t>{1000, 40}, 10), 1u);
  EXPECT_EQ(SegmentsToKeep(std::vector<int64_t>{200, 40}, 10), 0u) << "what was merged counts for the next";
  EXPECT_EQ(SegmentsToKeep(std::vector<int64_t>{1'000'000, 100'000, 20'000, 4900, 900, 200, 45, 10}, 1), 7u)
      << "no more segments than readers want";
}

// A base of a million rows and nights of one per cent: what is written stays near what is new.
TEST(SegmentsToKeep, RewritesARowOnlyAFewTimes) {
  std::vector<int64_t> sizes = {1'000'000};
  int64_t written = 0;
  for (int night = 0; night < 365; ++night) {
    const size_t kept = SegmentsToKeep(sizes, 10'000);
    int64_t merged = 10'000;
    for (size_t i = kept; i < sizes.size(); ++i) merged += sizes[i];
    sizes.resize(kept);
    sizes.push_back(merged);
    written += merged;
    ASSERT_LE(sizes.size(), 5u);
  }
  EXPECT_LT(written, 10 * 365 * 10'000) << "rewriting the shard every night would write over 1,000,000,000";
}

}  // namespace
}  // namespace strata
