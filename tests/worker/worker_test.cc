#include "worker/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

#include "tests/base/fake_clock.h"
#include "tests/base/telemetry/exposition.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

using testing::SizeIs;

// Collects what a worker says and lets a test wait for it.
class Ear {
 public:
  void Hear(const FromWorker& frame) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(frame);
    changed_.notify_all();
  }
  std::vector<FromWorker> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return heard_.size() >= count; });
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FromWorker> heard_;
};

class WorkerTest : public testing::Test {
 protected:
  WorkerTest()
      : files_(NewPosixFileSystem()),
        objects_(*NewLocalObjectStore(files_.get(), folder_.Under("objects"))),
        executor_(files_.get(), objects_.get()) {}

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<ObjectStore> objects_;
  TaskExecutor executor_;
  Ear ear_;
};

// A store at the moment when memory is used up.
class NoMemory final : public ObjectStore {
 public:
  absl::Status Put(const std::string&, std::string_view, uint32_t) override { throw std::bad_alloc(); }
  absl::StatusOr<std::string> Get(const std::string&, uint64_t, uint64_t) override { throw std::bad_alloc(); }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string&) override { throw std::bad_alloc(); }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string&) override { throw std::bad_alloc(); }
  absl::Status Delete(const std::string&) override { throw std::bad_alloc(); }
};

TEST_F(WorkerTest, MemoryThatIsUsedUpFailsTheAttemptAndNotTheProcess) {
  NoMemory objects;
  TaskExecutor executor(files_.get(), &objects);
  Worker worker({.id = "w7", .build_id = "b"}, &executor, [this](const FromWorker& frame) { ear_.Hear(frame); });
  worker.Receive(StartTask{.attempt = 1, .stage = Stage::kScore, .index = 3, .plan = {.key = "p"}});
  worker.Receive(StartRound{.assignment = 2, .round = 5, .shards = {0}, .plan = {.key = "p"}, .request = {}});
  const std::vector<FromWorker> heard = ear_.WaitFor(2);
  ASSERT_THAT(heard, SizeIs(2));
  for (const FromWorker& frame : heard) {
    const auto& failed = std::get<TaskFailed>(frame);
    EXPECT_EQ(DetailOf(failed.status)->reason, "OUT_OF_MEMORY");
    EXPECT_EQ(ClassOf(failed.status), ErrorClass::kRetryable) << "others may have the memory";
    const std::string text(StdView(failed.status.message()));
    EXPECT_THAT(text, testing::HasSubstr(failed.attempt == 1 ? "task 3 of stage score" : "fit round 5"));
    EXPECT_THAT(text, testing::HasSubstr("w7"));
  }
}

TEST_F(WorkerTest, AnswersEveryTaskOnceThoughFramesComeTwice) {
  Worker worker({.id = "w", .build_id = "b", .slots = 3}, &executor_,
                [this](const FromWorker& frame) { ear_.Hear(frame); });
  // A plan that does not exist: each task fails, with its type kept.
  for (AttemptId attempt = 1; attempt <= 20; ++attempt) {
    const StartTask task{.attempt = attempt,
                         .stage = Stage::kMap,
                         .index = 0,
                         .plan = {.key = "jobs/a/none", .checksum = 1, .size_bytes = 1}};
    worker.Receive(task);
    if (attempt == 20) worker.Receive(CancelTask{999});  // not ours: ignored
  }
  const auto heard = ear_.WaitFor(20);
  ASSERT_THAT(heard, SizeIs(20));
  std::set<AttemptId> answered;
  for (const FromWorker& frame : heard) {
    const auto& failed = std::get<TaskFailed>(frame);
    EXPECT_EQ(failed.status.code(), absl::StatusCode::kNotFound);
    answered.insert(failed.attempt);
  }
  EXPECT_THAT(answered, SizeIs(20));
  EXPECT_THAT(worker.Introduce().attempts, SizeIs(0)) << "nothing is in hand any more";
}

TEST_F(WorkerTest, AnEndlessErrorIsCutToFitItsFrame) {
  Worker worker({.id = "w", .build_id = "b", .slots = 1}, &executor_,
                [this](const FromWorker& frame) { ear_.Hear(frame); });
  const std::string key(100'000, 'k');  // comes back in the message
  worker.Receive(
      StartTask{.attempt = 1, .stage = Stage::kMap, .index = 0, .plan = {.key = key, .checksum = 1, .size_bytes = 1}});
  const auto heard = ear_.WaitFor(1);
  ASSERT_THAT(heard, SizeIs(1));
  const absl::Status status = std::get<TaskFailed>(heard[0]).status;
  EXPECT_FALSE(status.ok());
  EXPECT_LT(status.message().size(), 10'000u);
  EXPECT_TRUE(DetailOf(status).has_value()) << "the type survives";
}

TEST_F(WorkerTest, CountsItsWorkByStageAndOutcome) {
  MetricsRegistry registry;
  const FakeClock clock;
  WorkerMetrics metrics(2, &registry, &clock);
  std::atomic<int> warned = 0;
  {
    Worker worker({.id = "w",
                   .build_id = "b",
                   .slots = 2,
                   .metrics = &metrics,
                   .log = [&warned](const LogLine& line) { warned += line.level == LogLevel::kWarn ? 1 : 0; }},
                  &executor_, [this](const FromWorker& frame) { ear_.Hear(frame); });
    const ObjectRef missing{.key = "jobs/a/none", .checksum = 1, .size_bytes = 1};
    worker.Receive(StartTask{.attempt = 1, .stage = Stage::kMap, .index = 0, .plan = missing});
    worker.Receive(StartTask{.attempt = 2, .stage = Stage::kMap, .index = 1, .plan = missing});
    worker.Receive(StartRound{.assignment = 3, .round = 0, .shards = {0}, .plan = missing, .request = {}});
    ASSERT_THAT(ear_.WaitFor(3), SizeIs(3));
  }
  metrics.AddRows(Stage::kMap, 5);
  metrics.SetConnected(true);
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_worker_tasks_total", {{"stage", "map"}, {"outcome", "failed"}}), 2);
  EXPECT_EQ(scraped.Value("strata_worker_tasks_total", {{"stage", "fit"}, {"outcome", "failed"}}), 1);
  EXPECT_EQ(scraped.Value("strata_worker_task_seconds_count", {{"stage", "map"}}), 2);
  EXPECT_EQ(scraped.Value("strata_worker_rows_total", {{"stage", "map"}}), 5);
  EXPECT_EQ(scraped.Value("strata_worker_slots"), 2);
  EXPECT_EQ(scraped.Value("strata_worker_slots_busy"), 0);
  EXPECT_EQ(scraped.Value("strata_worker_connected"), 1);
  EXPECT_EQ(warned, 3);
}

TEST_F(WorkerTest, IntroducesItself) {
  Worker worker({.id = "w", .build_id = "b", .slots = 2}, &executor_, [](const FromWorker&) {});
  const Hello hello = worker.Introduce();
  EXPECT_EQ(hello.worker, "w");
  EXPECT_EQ(hello.build_id, "b");
  EXPECT_EQ(hello.slots, 2u);
}

}  // namespace
}  // namespace strata
