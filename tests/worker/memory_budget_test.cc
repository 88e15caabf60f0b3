// Who waits for memory, who need not, and what a task that can never have enough is told.
#include "worker/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "worker/task_needs.h"

namespace strata {
namespace {

constexpr uint64_t kMiB = 1u << 20;

TEST(MemoryBudget, NeverGrantsMoreThanItHasToManyThreads) {
  constexpr uint64_t kLimit = 1000;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MemoryBudget budget(kLimit);
    std::atomic<uint64_t> held{0};
    std::atomic<bool> exceeded{false};
    std::atomic<int> granted{0};
    std::vector<std::thread> threads;
    for (uint64_t thread = 0; thread < 6; ++thread) {
      threads.emplace_back([&, thread] {
        std::mt19937_64 random(seed * 100 + thread);
        for (int i = 0; i < 200; ++i) {
          const uint64_t bytes = random() % 4 == 0 ? kLimit : random() % (kLimit / 2);
          const MemoryBudget::Grant grant = budget.Take(bytes);
          if (held.fetch_add(bytes) + bytes > kLimit) exceeded = true;
          ++granted;
          std::this_thread::yield();
          held -= bytes;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(exceeded);
    EXPECT_EQ(granted, 6 * 200);
  }
}

TEST(MemoryBudget, ServesALargeTaskBeforeSmallOnesThatAskedLater) {
  MemoryBudget budget(10);
  std::optional<MemoryBudget::Grant> first(budget.Take(6));
  std::vector<int> order;  // in which the grants came; written under the budget's own order
  std::mutex mutex;
  const auto ask = [&](int name, uint64_t bytes) {
    const MemoryBudget::Grant grant = budget.Take(bytes);
    const std::lock_guard lock(mutex);
    order.push_back(name);
  };
  std::thread large(ask, 1, 10);
  while (budget.waiting() < 1) std::this_thread::yield();
  std::thread small(ask, 2, 1);  // would fit beside the first, but the large one came before it
  while (budget.waiting() < 2) std::this_thread::yield();
  first.reset();
  large.join();
  small.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(TaskNeeds, GrowWithWhatATaskReads) {
  EXPECT_LT(MapNeeds(1000, 50'000, false), MapNeeds(1000, 50'000, true));
  EXPECT_LT(MapNeeds(1000, 50'000, true), MapNeeds(2000, 50'000, true));
  TableLayout narrow, wide;
  wide.types = {ValueType::kMoney, ValueType::kCategory};
  EXPECT_LT(TableRowsNeeds(1000, narrow), TableRowsNeeds(1000, wide));
  EXPECT_LT(TableRowsNeeds(1000, wide), TableRowsNeeds(2000, wide));
  narrow.has_key = true;
  EXPECT_LT(TableRowsNeeds(1000, TableLayout()), TableRowsNeeds(1000, narrow));
  EXPECT_LT(TableLedgerNeeds(1'000'000, 0), TableLedgerNeeds(0, 1'000'000));
  for (const FileFormat format : {FileFormat::kCsv, FileFormat::kParquet}) {
    const TableFileSize file{.format = format, .rows = 1000, .bytes = kMiB};
    EXPECT_LT(TablesNeeds({file}), TablesNeeds({file, file}));
    EXPECT_LT(TablesNeeds({file}), TablesNeeds({{.format = format, .rows = 2000, .bytes = kMiB}}));
    EXPECT_LT(TablesNeeds({file}), TablesNeeds({{.format = format, .rows = 1000, .bytes = 2 * kMiB}}));
  }
  EXPECT_LT(LedgerNeeds(kMiB, kMiB), LedgerNeeds(kMiB, 2 * kMiB));
  EXPECT_LT(LedgerNeeds(kMiB, kMiB), LedgerNeeds(2 * kMiB, kMiB));
  EXPECT_LT(FeatureNeeds(kMiB), FeatureNeeds(2 * kMiB));
  EXPECT_LT(FeatureNeeds(kMiB), FeatureNeeds(kMiB, true));
  EXPECT_LT(FeatureNeeds(kMiB, true), FeatureNeeds(kMiB, true, true));
  EXPECT_EQ(FeatureNeeds(kMiB, true, true), FeatureNeeds(kMiB, true, true, 2));
  EXPECT_LT(FeatureNeeds(kMiB, true, true, 2), FeatureNeeds(kMiB, true, true, 3));
  EXPECT_LT(FeatureNeeds(kMiB, true, true, 3), FeatureNeeds(kMiB, true, true, 3, kMiB));
  EXPECT_LT(ScoreNeeds(kMiB), ScoreNeeds(2 * kMiB));
  EXPECT_LT(ScoreNeeds(kMiB), ScoreNeeds(kMiB, 1));
  EXPECT_LT(ScoreNeeds(kMiB), ScoreNeeds(kMiB, 0, true));
  EXPECT_LT(ScoreNeeds(kMiB, 5), ScoreNeeds(kMiB, 24));
  EXPECT_LT(RoundNeeds(kMiB, 0) + RoundShardNeeds(kMiB), RoundNeeds(2 * kMiB, 0) + RoundShardNeeds(2 * kMiB));
  EXPECT_LT(RoundNeeds(kMiB, 0), RoundNeeds(kMiB, kMiB));
  EXPECT_EQ(ClusteringShardNeeds(kMiB, 0), 0u);
  EXPECT_LT(ClusteringShardNeeds(kMiB, 5), ClusteringShardNeeds(kMiB, 24));
}

TEST(TaskNeeds, WhatCannotFitIsNamedWithItsSizeTheLimitAndTheWayOut) {
  EXPECT_TRUE(CheckFits(Stage::kScore, "shard 3", 64 * kMiB, 64 * kMiB).ok());
  const absl::Status status = CheckFits(Stage::kScore, "shard 3", 65 * kMiB, 64 * kMiB);
  EXPECT_EQ(StdView(status.message()),
            "shard 3: needs 65 MiB; --memory-limit is 64MiB. Raise it, or give the job more shards, with "
            "--rebuild-ledger");
  EXPECT_EQ(DetailOf(status)->reason, "MEMORY_LIMIT_TOO_SMALL");
  EXPECT_EQ(DetailOf(status)->metadata.at("stage"), "score");
  EXPECT_EQ(DetailOf(status)->metadata.at("needs_bytes"), std::to_string(65 * kMiB));
  EXPECT_EQ(ClassOf(status), ErrorClass::kBadInput) << "trying again would end the same way";
  EXPECT_EQ(StdView(CheckFits(Stage::kPlan, "a.csv", 8 * kMiB, 1024).message()),
            "a.csv: needs 8 MiB; --memory-limit is 1KiB. Raise it");
  const absl::Status map = CheckFits(Stage::kMap, "the 9 rows of a.parquet from row 1 on", 65 * kMiB, 64 * kMiB);
  EXPECT_NE(StdView(map.message()).find("row groups of fewer rows"), std::string_view::npos) << map;
}

}  // namespace
}  // namespace strata
