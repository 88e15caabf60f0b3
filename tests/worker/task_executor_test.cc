// Tasks as the coordinator would send them: pure, repeatable, and typed when something is wrong.
#include "worker/task_executor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "base/hash_sum.h"
#include "run/table_results.h"
#include "run/task_results.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

constexpr char kJob[] = R"(name: shop
time_zone: UTC
currency: EUR
shards: 4
sources:
  transactions:
    uri: /unused
    columns: {customer_id: id, time: day, amount: amount}
models:
  rfm: {scores: 5}
)";

class TaskExecutorTest : public testing::Test {
 protected:
  TaskExecutorTest()
      : files_(NewPosixFileSystem()),
        objects_(*NewLocalObjectStore(files_.get(), folder_.Under("objects"))),
        executor_(files_.get(), objects_.get()) {
    std::ofstream(folder_.Under("rows.csv"))
        << "id,day,amount\na,2024-01-01,1.50\nb,2024-01-02,2\nc,2024-13-01,3\na,2024-01-09,4\n";
  }

  StagePlan Plan(Stage stage) {
    StagePlan plan;
    plan.stage = stage;
    plan.job_name = "shop";
    plan.run = 1;
    plan.job_yaml = kJob;
    return plan;
  }
  StartTask Task(const StagePlan& plan, uint32_t index = 0) {
    const std::string bytes = plan.Encode();
    const std::string key = "jobs/shop/plan-" + Hex(Hash64(bytes));
    EXPECT_THAT(objects_->Put(key, bytes), IsOk());
    return {.attempt = 1,
            .stage = plan.stage,
            .index = index,
            .plan = {.key = key, .checksum = Hash64(bytes), .size_bytes = bytes.size()}};
  }
  StagePlan ScanPlan() {
    StagePlan plan = Plan(Stage::kPlan);
    const FileInfo info = *files_->Stat(folder_.Under("rows.csv"));
    plan.files.push_back({info.path, info.size_bytes, info.modified_ns});
    return plan;
  }
  StagePlan MapPlan() {
    const auto scanned = executor_.RunTask(Task(ScanPlan()));
    EXPECT_THAT(scanned, IsOk());
    const ScanResult scan = *ScanResult::Decode(scanned->inline_bytes);
    StagePlan plan = Plan(Stage::kMap);
    for (const ScannedSplit& split : scan.splits) {
      plan.splits.push_back({folder_.Under("rows.csv"), scan.size_bytes, scan.modified_ns, scan.checksum, split.begin,
                             split.end, split.first_line, 7});
    }
    return plan;
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<ObjectStore> objects_;
  TaskExecutor executor_;
};

TEST_F(TaskExecutorTest, ARowIsInOneClassFromScanToLedger) {
  const StagePlan map = MapPlan();
  ASSERT_EQ(map.splits.size(), 1u);
  const auto mapped = executor_.RunTask(Task(map));
  ASSERT_THAT(mapped, IsOk());
  const MapResult result = *MapResult::Decode(mapped->inline_bytes);
  EXPECT_EQ(result.counts.read, 4);
  EXPECT_EQ(result.counts.accepted, 3);
  EXPECT_EQ(result.counts.rejected, 1);
  EXPECT_FALSE(result.quarantine.empty());

  StagePlan ledger = Plan(Stage::kLedger);
  ledger.map_outputs = {result.output};
  ledger.segments.resize(4);
  int64_t rows = 0, customers = 0;
  for (uint32_t shard = 0; shard < 4; ++shard) {
    const auto merged = executor_.RunTask(Task(ledger, shard));
    ASSERT_THAT(merged, IsOk());
    const LedgerResult segment = *LedgerResult::Decode(merged->inline_bytes);
    rows += segment.rows;
    customers += segment.customers;
  }
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(customers, 2);
}

// A night after the first: what it says added to what was there is what counting everything says, shards without new
// rows are not looked at, and the feature stage takes what the ledger stage has opened.
TEST_F(TaskExecutorTest, ANightReadsTheShardsItTouchesAndThemOnce) {
  const auto ledger_of = [&](StagePlan plan) {
    std::vector<LedgerResult> results;
    for (uint32_t shard = 0; shard < 4; ++shard) {
      const auto merged = executor_.RunTask(Task(plan, shard));
      EXPECT_THAT(merged, IsOk());
      results.push_back(*LedgerResult::Decode(merged->inline_bytes));
    }
    return results;
  };
  const auto rows_of_map = [&] { return MapResult::Decode(executor_.RunTask(Task(MapPlan()))->inline_bytes)->output; };
  StagePlan first = Plan(Stage::kLedger);
  first.map_outputs = {rows_of_map()};
  first.segments.resize(4);
  std::string rows = "id,day,amount\n";  // so few that the first segment stays as it is
  for (int day = 10; day < 30; ++day) rows += fmt::format("a,2024-01-{},1\n", day);
  std::ofstream(folder_.Under("rows.csv")) << rows;
  first.map_outputs.push_back(rows_of_map());
  const std::vector<LedgerResult> before = ledger_of(first);
  std::ofstream(folder_.Under("rows.csv")) << "id,day,amount\na,2023-12-24,5\n";
  StagePlan night = Plan(Stage::kLedger);
  night.map_outputs = {rows_of_map()};
  for (const LedgerResult& shard : before) {
    night.segments.push_back(shard.segment.empty() ? std::vector<ObjectRef>{} : std::vector{shard.segment});
  }
  const std::vector<LedgerResult> all = ledger_of(night);
  night.counts_change = true;
  const uint32_t touched = ShardOf(Hash64("a"), 4);
  for (uint32_t shard = 0; shard < 4; ++shard) {
    if (shard != touched && !night.segments[shard].empty()) {
      EXPECT_THAT(objects_->Delete(night.segments[shard][0].key), IsOk());
    }
  }
  const std::vector<LedgerResult> change = ledger_of(night);
  for (uint32_t shard = 0; shard < 4; ++shard) {
    SCOPED_TRACE(shard);
    EXPECT_EQ(Plus(before[shard].digest, change[shard].digest), all[shard].digest);
    EXPECT_EQ(before[shard].customers + change[shard].customers, all[shard].customers);
    EXPECT_EQ(before[shard].rows + change[shard].rows, all[shard].rows);
    EXPECT_EQ(change[shard].rows, shard == touched ? 1 : 0);
    EXPECT_EQ(change[shard].kept, night.segments[shard].size());
    EXPECT_EQ(change[shard].segment, all[shard].segment);
  }
  StagePlan features = Plan(Stage::kFeature);
  features.as_of = 20'000;
  features.segments = night.segments;
  features.segments[touched].push_back(change[touched].segment);
  EXPECT_THAT(objects_->Delete(night.segments[touched][0].key), IsOk());
  EXPECT_THAT(executor_.RunTask(Task(features, touched)), IsOk());
  TaskExecutor another(files_.get(), objects_.get());
  EXPECT_EQ(another.RunTask(Task(features, touched)).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TaskExecutorTest, AnotherAttemptGivesTheSameResultAndTheSameObjects) {
  const StartTask task = Task(MapPlan());
  const auto first = executor_.RunTask(task);
  TaskExecutor another(files_.get(), objects_.get());
  const auto second = another.RunTask(task);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(*first, *second);
}

TEST_F(TaskExecutorTest, CorruptedInputIsFoundByItsChecksum) {
  StartTask task = Task(MapPlan());
  ++task.plan.checksum;
  TaskExecutor fresh(files_.get(), objects_.get());
  const auto result = fresh.RunTask(task);
  EXPECT_THAT(result, FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_EQ(ClassOf(result.status()), ErrorClass::kFatal);
}

TEST_F(TaskExecutorTest, AFileThatChangedSinceItWasScannedIsBadInput) {
  const StartTask task = Task(MapPlan());
  std::ofstream(folder_.Under("rows.csv"), std::ios::app) << "d,2024-01-03,9\n";
  const auto result = executor_.RunTask(task);
  EXPECT_THAT(result, FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  EXPECT_EQ(ClassOf(result.status()), ErrorClass::kBadInput);
}

TEST_F(TaskExecutorTest, AFileThatChangedIsBadInputUnderAMemoryLimitToo) {
  TaskExecutor limited(files_.get(), objects_.get(), {}, {.memory = std::make_shared<MemoryBudget>(1 << 30)});
  const StartTask task = Task(MapPlan());
  ASSERT_THAT(limited.RunTask(task), IsOk());
  std::filesystem::resize_file(folder_.Under("rows.csv"), 20);
  EXPECT_THAT(limited.RunTask(task), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
}

// A power cut may take what tasks of a run leave for one another.
TEST_F(TaskExecutorTest, AMapOutputThatIsGoneIsLostAndNoBadInput) {
  const auto mapped = executor_.RunTask(Task(MapPlan()));
  ASSERT_THAT(mapped, IsOk());
  StagePlan ledger = Plan(Stage::kLedger);
  ledger.map_outputs = {MapResult::Decode(mapped->inline_bytes)->output};
  ledger.segments.resize(4);
  const StartTask task = Task(ledger);
  ASSERT_THAT(objects_->Delete(ledger.map_outputs.front().key), IsOk());
  TaskExecutor limited(files_.get(), objects_.get(), {}, {.memory = std::make_shared<MemoryBudget>(1 << 30)});
  for (TaskExecutor* executor : {&executor_, &limited}) {
    const auto result = executor->RunTask(task);
    EXPECT_THAT(result, FailsWith(absl::StatusCode::kDataLoss, "INTERMEDIATE_LOST"));
    EXPECT_EQ(ClassOf(result.status()), ErrorClass::kFatal);
  }
}

TEST_F(TaskExecutorTest, TablesOfTheRunThatAreGoneAreLostToo) {
  const ObjectRef gone{.key = "jobs/shop/runs/1/plan/00000-0123456789abcdef.fx", .checksum = 1, .size_bytes = 9};
  for (ObjectRef StagePlan::*const table : {&StagePlan::fx, &StagePlan::moves}) {
    StagePlan plan = Plan(Stage::kMap);
    plan.*table = gone;
    EXPECT_THAT(executor_.RunTask(Task(plan)), FailsWith(absl::StatusCode::kDataLoss, "INTERMEDIATE_LOST"));
  }
  StagePlan plan = Plan(Stage::kLedger);
  plan.segments.resize(4);
  plan.moved = {gone};
  EXPECT_THAT(executor_.RunTask(Task(plan)), FailsWith(absl::StatusCode::kDataLoss, "INTERMEDIATE_LOST"));
}

TEST_F(TaskExecutorTest, TheTablesTaskAsksForWhatItsRowsNeed) {
  {
    std::ofstream aliases(folder_.Under("aliases.csv"));
    aliases << "old,new,since\n";
    for (int i = 0; i < 40'000; ++i) aliases << "old-" << i << ",new-" << i % 100 << ",2024-01-01\n";
  }
  std::string job = kJob;
  job.insert(job.find("models:"), "  aliases: {uri: /unused, columns: {old_id: old, new_id: new, date: since}}\n");
  StagePlan plan = Plan(Stage::kPlan);
  plan.job_yaml = job;
  const FileInfo info = *files_->Stat(folder_.Under("aliases.csv"));
  plan.alias_files.push_back({info.path, info.size_bytes, info.modified_ns});
  const auto run_within = [&](uint64_t limit_bytes) {
    TaskExecutor limited(files_.get(), objects_.get(), {}, {.memory = std::make_shared<MemoryBudget>(limit_bytes)});
    return limited.RunTask(Task(plan));
  };
  EXPECT_THAT(run_within(64 << 20), IsOk());
  const auto result = run_within(12 << 20);
  EXPECT_THAT(result, FailsWith(absl::StatusCode::kFailedPrecondition, "MEMORY_LIMIT_TOO_SMALL"));
  EXPECT_THAT(result, SaysThat("the 40000 rows of merged identities and rates: needs "));
}

// Merged identities become part of the ledger; rates and who moves are of the run alone.
TEST_F(TaskExecutorTest, OfTheTablesOnlyWhatTheLedgerKeepsIsWaitedFor) {
  std::ofstream(folder_.Under("aliases.csv")) << "old,new,since\na,b,2024-01-01\n";
  std::ofstream(folder_.Under("rates.csv")) << "cur,day,rate\nUSD,2024-01-01,0.9\n";
  std::string job = kJob;
  job.insert(job.find("models:"),
             "  aliases: {uri: /unused, columns: {old_id: old, new_id: new, date: since}}\n"
             "  fx: {uri: /unused, columns: {currency: cur, day: day, rate: rate}}\n");
  job.insert(job.find("amount: amount}") + 14, ", currency: cur");
  int64_t files_synced = 0;
  PosixCalls calls;
  calls.fsync = [&files_synced](int descriptor) {
    struct stat about = {};
    EXPECT_EQ(::fstat(descriptor, &about), 0);
    files_synced += S_ISREG(about.st_mode) ? 1 : 0;
    return 0;
  };
  const auto watched = NewPosixFileSystem(std::move(calls));
  const auto store = *NewLocalObjectStore(watched.get(), folder_.Under("objects"));
  TaskExecutor executor(files_.get(), store.get());
  StagePlan plan = Plan(Stage::kPlan);
  plan.job_yaml = job;
  const auto planned = [&](const char* name) {
    const FileInfo info = *files_->Stat(folder_.Under(name));
    return PlannedFile{info.path, info.size_bytes, info.modified_ns};
  };
  plan.fx_files = {planned("rates.csv")};
  const auto rates = executor.RunTask(Task(plan));
  ASSERT_THAT(rates, IsOk());
  EXPECT_FALSE(TablesResult::Decode(rates->inline_bytes)->fx.empty());
  EXPECT_EQ(files_synced, 0);
  plan.alias_files = {planned("aliases.csv")};
  const auto both = executor.RunTask(Task(plan));
  ASSERT_THAT(both, IsOk());
  EXPECT_FALSE(TablesResult::Decode(both->inline_bytes)->moves.empty());
  EXPECT_EQ(files_synced, 1) << "the merged identities";
}

TEST_F(TaskExecutorTest, AnIndexOutsideThePlanIsAnErrorOfOurOwn) {
  EXPECT_THAT(executor_.RunTask(Task(MapPlan(), 5)), FailsWith(absl::StatusCode::kInternal, "TASK_UNKNOWN"));
}

}  // namespace
}  // namespace strata
