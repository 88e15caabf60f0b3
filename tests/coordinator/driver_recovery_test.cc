// The driver when its metadata is vague, its run was begun by another, or it has to stop. All in one thread: workers
// answer at once, and time passes when the driver waits.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/driver.h"
#include "run/keys.h"
#include "tests/coordinator/led_state.h"

namespace strata {
namespace {

using Fate = VagueMetadata::Fate;

// Answers every task with its index.
class PromptWorker final : public WorkerLink {
 public:
  explicit PromptWorker(Driver* driver) : driver_(driver) {}
  void Send(const ToWorker& frame) override {
    const auto* task = std::get_if<StartTask>(&frame);
    if (task == nullptr) return;
    ++tasks;
    driver_->Post(
        FrameReceived{"w", TaskDone{task->attempt, {.inline_bytes = std::to_string(task->index), .object = {}}}});
  }
  void Close() override {}
  int tasks = 0;

 private:
  Driver* driver_;
};

class OneStage final : public RunLogic {
 public:
  explicit OneStage(uint32_t tasks) : tasks_(tasks) {}
  absl::StatusOr<RunStep> Begin() override { return RunStage{.stage = Stage::kMap, .tasks = tasks_, .plan = {}}; }
  absl::StatusOr<RunStep> AfterStage(Stage, const std::vector<std::string>& results) override {
    EXPECT_EQ(results.size(), tasks_);
    return RunFinished{};
  }
  absl::StatusOr<RunStep> AfterRound(const std::vector<std::string>&) override { return RunFinished{}; }

 private:
  uint32_t tasks_;
};

class DriverRecovery : public LedState {
 protected:
  static constexpr int64_t kLeaseMs = 1'000'000;
  DriverRecovery() {
    driver_ = std::make_unique<Driver>(Driver::Seams{.metadata = metadata_.get(),
                                                     .objects = objects_.get(),
                                                     .clock = &clock_,
                                                     .run_elsewhere = [](const std::function<void()>& work) { work(); },
                                                     .pause =
                                                         [this](int64_t ms) {
                                                           clock_.Advance(ms);
                                                           if (on_pause_) on_pause_();
                                                         },
                                                     .log = {}},
                                       PlanOptions{.build_id = "b", .lease_ms = kLeaseMs, .worker_wait_ms = 5000});
    worker_ = std::make_shared<PromptWorker>(driver_.get());
  }
  void Join() { driver_->Join({.worker = "w", .build_id = "b", .slots = 4, .attempts = {}}, worker_); }
  absl::Status Execute(uint32_t tasks) {
    OneStage run(tasks);
    return driver_->Execute({.job = "toy", .run = 1, .leadership = leadership_}, &run, nullptr);
  }
  void Forget() {  // the results that are recorded
    ASSERT_THAT(real_->Commit({.deletes = {TaskKey("toy", 1, Stage::kMap, 0), TaskKey("toy", 1, Stage::kMap, 1)}}),
                IsOk());
  }
  size_t Recorded() { return real_->List(TasksPrefix("toy", 1))->size(); }

  std::unique_ptr<Driver> driver_;
  std::shared_ptr<PromptWorker> worker_;
  std::function<void()> on_pause_;
};

TEST_F(DriverRecovery, ResultsAreRecordedOnceWhateverIsSaidOfTheirCommits) {
  Join();
  ASSERT_THAT(Execute(2), IsOk());  // the record of the stage is there from now on
  for (const std::vector<Fate>& fates :
       {std::vector{Fate::kLost}, {Fate::kDone}, {Fate::kLate}, {Fate::kLost, Fate::kLost, Fate::kDone}}) {
    Forget();
    for (const Fate fate : fates) metadata_->Next(fate);
    EXPECT_THAT(Execute(2), IsOk());
    metadata_->Arrive();
    EXPECT_EQ(Recorded(), 2u);
  }
}

TEST_F(DriverRecovery, ALateCommitIsNotTakenForAnotherCoordinator) {
  Join();
  ASSERT_THAT(Execute(2), IsOk());
  Forget();
  // Not there when it is read back; there before it is written again.
  metadata_->Next(Fate::kLate);
  metadata_->BeforeCommit(2, [this] { metadata_->Arrive(); });
  EXPECT_THAT(Execute(2), IsOk());
  EXPECT_EQ(Recorded(), 2u);
}

TEST_F(DriverRecovery, MetadataThatIsAwayIsAskedAgainUntilTheLeadWouldBeLost) {
  Join();
  ASSERT_THAT(Execute(1), IsOk());
  for (const bool comes_back : {true, false}) {
    Forget();
    metadata_->Next(Fate::kDone);
    metadata_->BeforeCommit(1, [&] { metadata_->BeAway(comes_back ? 20 : 1'000'000); });
    const absl::Status status = Execute(1);
    if (comes_back) {
      EXPECT_THAT(status, IsOk());
    } else {
      EXPECT_THAT(status, FailsWith(absl::StatusCode::kUnavailable, "METADATA_UNREACHABLE"));
    }
  }
}

TEST_F(DriverRecovery, ResultsOfAnotherPlanAreNotCounted) {
  Join();
  ASSERT_THAT(Execute(3), IsOk());
  const absl::Status status = Execute(4);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "RUN_NOT_RESUMABLE"));
  EXPECT_THAT(status, SaysThat("3 task(s)"));
}

TEST_F(DriverRecovery, APauseOfTheCoordinatorIsNotTakenForOneOfTheWorkers) {
  int pauses = 0;
  on_pause_ = [&] {
    if (++pauses == 3) clock_.Advance(60'000);  // twelve times as long as it waits for a worker
    if (pauses == 5) Join();
  };
  EXPECT_THAT(Execute(1), IsOk());
}

// Found by the simulation: the loop went on with the turn in which it had waited, and gave up everybody who was silent.
TEST_F(DriverRecovery, MetadataThatHangInACommitAreNotTakenForASilenceOfTheWorkers) {
  for (const int commit : {1, 2}) {  // the record of the stage; the results
    Join();
    if (commit == 2) Forget();
    worker_->tasks = 0;
    metadata_->BeforeCommit(1, [this] { clock_.Advance(2 * kLeaseMs); });
    EXPECT_THAT(Execute(2), IsOk()) << commit;
    EXPECT_EQ(worker_->tasks, 2);
    EXPECT_EQ(driver_->Workers().size(), 1u) << "nobody was lost";
  }
}

TEST_F(DriverRecovery, ACoordinatorThatStopsLeavesItsRunWhereItStands) {
  on_pause_ = [this] { driver_->Leave(); };
  EXPECT_THAT(Execute(3), FailsWith(absl::StatusCode::kUnavailable, "COORDINATOR_STOPPING"));
  on_pause_ = nullptr;
  Join();
  EXPECT_THAT(Execute(3), IsOk());
}

}  // namespace
}  // namespace strata
