// The production driver and plan over real metadata and objects, with toy workers on threads and scripted runs.
#include "coordinator/driver.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "coordinator/serial_executor.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

// Answers task i with "i" and a round with the sum of its shards; may ignore frames, as a hung process does.
class ToyWorker final : public WorkerLink {
 public:
  ToyWorker(std::string id, Driver* driver, SerialExecutor* thread, bool silent = false)
      : id_(std::move(id)), driver_(driver), thread_(thread), silent_(silent) {}

  Hello hello(uint32_t slots = 2) const { return {.worker = id_, .build_id = "b", .slots = slots, .attempts = {}}; }

  void Send(const ToWorker& frame) override {
    const std::lock_guard lock(mutex_);
    if (const auto* task = std::get_if<StartTask>(&frame)) {
      ++tasks_;
      if (!silent_) Answer(TaskDone{task->attempt, {.inline_bytes = std::to_string(task->index), .object = {}}});
    } else if (const auto* round = std::get_if<StartRound>(&frame)) {
      uint64_t sum = 0;
      for (const uint32_t shard : round->shards) sum += shard;
      if (!silent_) Answer(RoundDone{round->assignment, {.inline_bytes = std::to_string(sum), .object = {}}});
    }
  }
  void Close() override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  bool closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  int tasks() {
    const std::lock_guard lock(mutex_);
    return tasks_;
  }

 private:
  void Answer(FromWorker answer) {
    thread_->Post([driver = driver_, id = id_, answer = std::move(answer)] {
      driver->Post(FrameReceived{id, answer});
    });
  }

  std::string id_;
  Driver* driver_;
  SerialExecutor* thread_;
  bool silent_;
  std::mutex mutex_;
  int tasks_ = 0;        // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

// A stage of tasks, then rounds, then the end; checks what it is handed.
class ScriptedRun final : public RunLogic {
 public:
  ScriptedRun(uint32_t tasks, uint32_t shards, int rounds) : tasks_(tasks), shards_(shards), rounds_(rounds) {}

  absl::StatusOr<RunStep> Begin() override { return RunStage{.stage = Stage::kMap, .tasks = tasks_, .plan = {}}; }
  absl::StatusOr<RunStep> AfterStage(Stage, const std::vector<std::string>& results) override {
    for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], std::to_string(i));
    EXPECT_EQ(results.size(), tasks_);
    return Next();
  }
  absl::StatusOr<RunStep> AfterRound(const std::vector<std::string>& partials) override {
    uint64_t sum = 0;
    for (const std::string& partial : partials) sum += std::stoull(partial);
    EXPECT_EQ(sum, uint64_t{shards_} * (shards_ - 1) / 2) << "every shard counts once";
    return Next();
  }
  int rounds_left() const { return rounds_; }

 private:
  absl::StatusOr<RunStep> Next() {
    if (rounds_ == 0) return RunStep(RunFinished{});
    --rounds_;
    return RunStep(RunRound{.round = 0, .shards = shards_, .plan = {}, .request = {}});
  }

  uint32_t tasks_, shards_;
  int rounds_;
};

class DriverTest : public testing::Test {
 protected:
  DriverTest() : files_(NewPosixFileSystem()) {
    metadata_ = *OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_);
    objects_ = *NewLocalObjectStore(files_.get(), folder_.Under("objects"));
    leadership_ = *metadata_->Campaign("test", 1000);
    driver_ = std::make_unique<Driver>(
        Driver::Seams{
            .metadata = metadata_.get(),
            .objects = objects_.get(),
            .clock = &clock_,
            .run_elsewhere = [this](std::function<void()> work) { logic_.Post(std::move(work)); },
            .log = [this](const LogLine& line) { lost_ += line.message.find("was lost") != std::string::npos; },
            .observe = [this](const DriverEvent& event) { events_.push_back(event); }},
        PlanOptions{.build_id = "b", .lease_ms = 1000, .worker_wait_ms = 5000});
  }
  absl::Status Execute(RunLogic* run, const std::function<void(const RunProgress&)>& on_progress = nullptr) {
    return driver_->Execute({.job = "toy", .run = ++run_, .leadership = leadership_}, run, on_progress);
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> metadata_;
  std::unique_ptr<ObjectStore> objects_;
  Leadership leadership_;
  std::unique_ptr<Driver> driver_;
  SerialExecutor logic_;  // after the driver: its thread ends before the driver that it reports to
  int64_t run_ = 0;
  int lost_ = 0;
  std::vector<DriverEvent> events_;
  SerialExecutor workers_;  // the thread of all toy workers; the last member, so that it ends before the driver does
};

TEST_F(DriverTest, RunsStagesAndRoundsOverSeveralWorkers) {
  const auto a = std::make_shared<ToyWorker>("a", driver_.get(), &workers_);
  const auto b = std::make_shared<ToyWorker>("b", driver_.get(), &workers_);
  driver_->Join(a->hello(), a);
  driver_->Join(b->hello(), b);
  ScriptedRun run(50, 33, 4);
  EXPECT_THAT(Execute(&run), IsOk());
  EXPECT_EQ(run.rounds_left(), 0);
  EXPECT_EQ(a->tasks() + b->tasks(), 50);
  // Workers stay for the next run.
  ScriptedRun next(10, 8, 1);
  EXPECT_THAT(Execute(&next), IsOk());
  EXPECT_EQ(metadata_->List("jobs/toy/tasks/").value().size(), 60u) << "every result is recorded, once";
}

TEST_F(DriverTest, WhoJoinsOrLeavesIsSeenThoughNoTimePasses) {
  driver_->Idle(0);
  EXPECT_TRUE(driver_->Workers().empty());
  const auto a = std::make_shared<ToyWorker>("a", driver_.get(), &workers_);
  driver_->Join(a->hello(), a);
  driver_->Idle(0);
  ASSERT_EQ(driver_->Workers().size(), 1u);
  EXPECT_TRUE(driver_->Workers()[0].connected);
  driver_->Disconnect("a", a.get());
  driver_->Idle(0);
  ASSERT_EQ(driver_->Workers().size(), 1u) << "its lease is not over";
  EXPECT_FALSE(driver_->Workers()[0].connected);
}

TEST_F(DriverTest, ASilentWorkerCostsItsAttemptsOnly) {
  const auto silent = std::make_shared<ToyWorker>("silent", driver_.get(), &workers_, true);
  const auto works = std::make_shared<ToyWorker>("works", driver_.get(), &workers_);
  driver_->Join(silent->hello(), silent);
  driver_->Join(works->hello(), works);
  ScriptedRun run(30, 16, 2);
  EXPECT_THAT(Execute(&run,
                      [&](const RunProgress&) {
                        clock_.Advance(200);
                        driver_->Post(WorkerBeat{"works"});
                        // Until it has been given something, the other one is only slow.
                        if (silent->tasks() == 0) driver_->Post(WorkerBeat{"silent"});
                      }),
              IsOk());
  EXPECT_GT(silent->tasks(), 0) << "the fault fired: the silent worker was given tasks";
  EXPECT_EQ(lost_, 1);
  EXPECT_TRUE(silent->closed()) << "so that it can introduce itself again";
  EXPECT_FALSE(works->closed());
  // What was told of it: one lease, and as many attempts begun as tasks and what replaced the lost ones.
  size_t started = 0;
  size_t lost = 0;
  size_t leases = 0;
  for (const DriverEvent& event : events_) {
    started += std::holds_alternative<AttemptStarted>(event) ? 1 : 0;
    leases += std::holds_alternative<LeaseExpired>(event) ? 1 : 0;
    if (const auto* attempts = std::get_if<AttemptsLost>(&event)) {
      EXPECT_EQ(attempts->why, AttemptsLost::Why::kLeaseExpired);
      lost += attempts->attempts;
    }
  }
  EXPECT_EQ(leases, 1u);
  EXPECT_GT(lost, 0u);
  EXPECT_GE(started, 30 + lost);
}

TEST_F(DriverTest, WithoutWorkersTheRunEndsWithTheCauseInBoundedTime) {
  ScriptedRun run(1, 1, 0);
  EXPECT_THAT(Execute(&run, [&](const RunProgress&) { clock_.Advance(1000); }),
              FailsWith(absl::StatusCode::kUnavailable, "NO_WORKERS"));
}

TEST_F(DriverTest, ARunIsCancelled) {
  const auto silent = std::make_shared<ToyWorker>("silent", driver_.get(), &workers_, true);
  driver_->Join(silent->hello(), silent);
  ScriptedRun run(3, 1, 0);
  bool asked = false;
  EXPECT_THAT(Execute(&run,
                      [&](const RunProgress&) {
                        clock_.Advance(150);
                        if (!asked) driver_->Cancel("toy", run_, "enough");
                        asked = true;
                      }),
              FailsWith(absl::StatusCode::kCancelled, "RUN_CANCELLED"));
}

TEST_F(DriverTest, AResumedRunDoesNotRepeatWhatIsRecorded) {
  const auto worker = std::make_shared<ToyWorker>("a", driver_.get(), &workers_);
  driver_->Join(worker->hello(), worker);
  ScriptedRun first(20, 4, 0);
  EXPECT_THAT(Execute(&first), IsOk());
  --run_;  // the same run again, as a coordinator does that came back
  ScriptedRun again(20, 4, 0);
  EXPECT_THAT(Execute(&again), IsOk());
  EXPECT_EQ(worker->tasks(), 20);
}

TEST_F(DriverTest, ANewerLeaderStopsThisOne) {
  const auto worker = std::make_shared<ToyWorker>("a", driver_.get(), &workers_);
  driver_->Join(worker->hello(), worker);
  ASSERT_THAT(metadata_->Resign(leadership_), IsOk());
  ASSERT_THAT(metadata_->Campaign("somebody newer", 1000), IsOk());
  ScriptedRun run(5, 1, 0);
  EXPECT_THAT(Execute(&run), FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
}

}  // namespace
}  // namespace strata
