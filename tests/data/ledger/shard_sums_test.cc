// Digests and totals that grow by what a night changes, against the slow obvious way: reading every row again.
#include "data/ledger/shard_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/hash_sum.h"
#include "data/ledger/merged_rows.h"
#include "tests/base/status_matchers.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 60;

class ShardSums : public testing::TestWithParam<bool> {
 protected:
  bool has_lines() const { return GetParam(); }
};

// Rows come late and again, corrected or not; files go; segments are merged when that pays, and sometimes all of them.
TEST_P(ShardSums, WhatChangesAddsUpToWhatThereIsInEveryNight) {
  int counted_by_change = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<RawRow> rows = RandomRows(seed, 300);
    std::shuffle(rows.begin(), rows.end(), random);
    std::vector<std::vector<RawRow>> nights(24);
    for (const RawRow& row : rows) nights[random() % nights.size()].push_back(row);
    LivingShard living(has_lines());
    for (size_t night = 0; night < nights.size(); ++night) {
      if (night == 8 || night == 15) living.Remove(static_cast<int32_t>(night % 5));
      living.Add({nights[night]}, random() % 10 == 0 ? Compaction::kAll : Compaction::kWhenItPays);
      ExpectEqual(living.totals(), *SumShard(living.shard(), has_lines()));
    }
    counted_by_change += living.nights_counted_by_change();
  }
  EXPECT_GT(counted_by_change, 15 * static_cast<int>(kSeeds));
}

TEST_P(ShardSums, ANightWithoutRowsChangesNothing) {
  LivingShard living(has_lines());
  living.Add({RandomRows(1, 100)});
  const auto update = UpdateShard(living.shard(), {}, has_lines(), Compaction::kWhenItPays, {}, Counting::kChange);
  ASSERT_OK(update);
  ExpectEqual(update->totals, {});
  EXPECT_EQ(update->kept, living.shard().segments.size());
  EXPECT_EQ(update->segment, "");
}

// Everything but the digest's own hash is done by hand here.
TEST_P(ShardSums, TheDigestIsTheSumOverCustomersOfTheirDaysAndLines) {
  const std::vector<RawRow> rows = RandomRows(3, 200);
  const OracleLedger oracle = BuildOracle(rows, has_lines());
  Hash128 sum;
  for (const auto& [customer, parts] : oracle.days) {
    std::map<Day, OracleLedger::DayPart> days;
    for (const auto& [day_and_file, part] : parts) {
      OracleLedger::DayPart& day = days[day_and_file.first];
      day.net_micros += part.net_micros;
      day.rows += part.rows;
      day.return_rows += part.return_rows;
    }
    ByteWriter writer;
    writer.U8(has_lines() ? 1 : 0);
    writer.Text(customer.second);
    for (const auto& [day, part] : days) {
      writer.U8(2);
      writer.I32(day);
      writer.I64(part.net_micros);
      writer.I32(part.rows);
      writer.I32(part.return_rows);
    }
    std::vector<RawRow> lines = has_lines() ? oracle.kept.at(customer) : std::vector<RawRow>{};
    std::sort(lines.begin(), lines.end(), [](const RawRow& a, const RawRow& b) {
      return std::tuple(a.day, a.minute, a.transaction) < std::tuple(b.day, b.minute, b.transaction);
    });
    for (const RawRow& line : lines) {
      writer.U8(3);
      writer.U64(line.transaction);
      writer.U64(~line.transaction);
      writer.I32(line.day);
      writer.I32(line.minute);
      writer.I64(line.net_micros);
      writer.U8(line.is_return);
      writer.I64(line.updated_at_us);
      writer.U64(line.RowHash());
    }
    sum = Plus(sum, HashOf128(writer.bytes()));
  }
  EXPECT_EQ(BuildShard({ToBatch(rows, has_lines())}, has_lines())->totals.digest, sum);
}

TEST_P(ShardSums, OverflowsOfTouchedCustomersAreFoundAsByReadingAll) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  LivingShard living(has_lines());
  living.Add({{{.id = "ann", .day = 365, .net_micros = kMost, .file = 1, .transaction = 1},
               {.id = "bob", .day = 1, .net_micros = 5, .file = 1, .transaction = 2}}});
  const auto night = [&](const RawRow& row, Counting counting) {
    return UpdateShard(living.shard(), {ToBatch({row}, has_lines())}, has_lines(), Compaction::kWhenItPays, {},
                       counting)
        .status();
  };
  for (const Day day : {365, 400}) {  // the day's net, then the sum over days
    const RawRow row{.id = "ann", .day = day, .net_micros = 1, .file = 2, .transaction = 3};
    EXPECT_THAT(night(row, Counting::kChange), FailsWith(absl::StatusCode::kOutOfRange, "NET_OVERFLOW"));
    EXPECT_EQ(night(row, Counting::kChange), night(row, Counting::kAllRows));
  }
  EXPECT_OK(night({.id = "bob", .day = 2, .net_micros = 1, .file = 2, .transaction = 4}, Counting::kChange));
}

// Whoever is asked for is found, and nobody else.
TEST_P(ShardSums, SeekingFindsWhatGoingThroughAllFinds) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    LivingShard living(has_lines());
    for (int32_t night = 0; night < 6; ++night) {
      RowBatch batch = ToBatch(RandomRows(seed * 10 + static_cast<uint64_t>(night), 40), has_lines());
      for (uint64_t& hash : batch.hash) hash %= 50;  // many customers of one hash
      living.AddBatches({batch});
    }
    living.Remove(static_cast<int32_t>(random() % 5));
    std::vector<SegmentSpans> segments;
    for (const LedgerSegment& segment : living.shard().segments) segments.push_back(segment.columns());
    MergedRows all(segments, living.shard().removed_files);
    MergedRows some(segments, living.shard().removed_files);
    uint64_t last = 0;
    while (all.Next()) {
      if (random() % 3 != 0) continue;
      if (all.hash() > last) {
        EXPECT_FALSE(some.Seek(all.hash(), "")) << "no customer is called so";
      }
      last = all.hash();
      ASSERT_TRUE(some.Seek(all.hash(), all.id()));
      EXPECT_EQ(some.hash(), all.hash());
      EXPECT_EQ(some.id(), all.id());
      EXPECT_THAT(some.days().net_micros, testing::ElementsAreArray(all.days().net_micros));
    }
    EXPECT_FALSE(some.Seek(51, "a"));
    EXPECT_OK(some.status());
  }
}

INSTANTIATE_TEST_SUITE_P(Transactions, ShardSums, testing::Bool(),
                         [](const auto& param) { return param.param ? "Mapped" : "NotMapped"; });

TEST(ShardSumStories, AChangeWithMovesIsRefused) {
  const LedgerShard shard;
  const AliasTable leaving = *AliasTable::Open(EncodeAliasTable({}));
  EXPECT_THAT(
      UpdateShard(shard, {}, false, Compaction::kWhenItPays, {.leaving = &leaving, .arriving = {}}, Counting::kChange),
      FailsWith(absl::StatusCode::kInternal, "CHANGE_UNKNOWN"));
}

}  // namespace
}  // namespace strata
