// The host of a cluster's runs while its stores do not answer: questions and submissions go on, the lead is kept, and
// what recovery closes is told.
#include "coordinator/run_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "coordinator/run_recovery.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

// Where a test stops somebody until it lets go.
class Gate {
 public:
  void Close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    const bool waits = !open_;
    waiting_ = waiting_ || waits;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void AwaitSomebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true, waiting_ = false;
};

// Objects whose listings and maps wait at a gate.
class GatedObjects final : public ObjectStore {
 public:
  GatedObjects(ObjectStore* real, Gate* gate) : real_(real), gate_(gate) {}
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    return real_->Put(key, bytes, mode);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    return real_->Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    gate_->Pass();
    return real_->Map(key);
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override {
    gate_->Pass();
    return real_->List(prefix);
  }
  absl::Status Delete(const std::string& key) override { return real_->Delete(key); }

 private:
  ObjectStore* real_;
  Gate* gate_;
};

class RunHostTest : public testing::Test {
 protected:
  RunHostTest() : files_(NewPosixFileSystem()) {
    metadata_ = *OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_);
    objects_ = *NewLocalObjectStore(files_.get(), folder_.Under("objects"));
    gated_ = std::make_unique<GatedObjects>(objects_.get(), &gate_);
    seams_ = {.sources = files_.get(), .objects = gated_.get(), .metadata = metadata_.get(), .clock = &clock_};
    leadership_ = *metadata_->Campaign("test", 1000);
  }
  ~RunHostTest() override { EndLoop(); }

  void StartLoop(std::function<absl::Status()> take_over = [] { return absl::OkStatus(); }) {
    RunObservers observers;
    observers.run_ended = [this](const RunSummary& summary) {
      const std::lock_guard lock(mutex_);
      ended_.push_back(summary);
    };
    host_ = std::make_unique<RunHost>(seams_, leadership_, PlanOptions{.build_id = "b"}, std::move(observers));
    loop_ =
        std::thread([this, take_over] { EXPECT_OK(host_->Loop(take_over, [this](const RunSummary&) { ++told_; })); });
  }
  void EndLoop() {
    gate_.Open();
    if (!loop_.joinable()) return;
    host_->Stop();
    loop_.join();
  }
  static NightRequest Request(const std::string& job) {
    NightRequest request;
    request.job_yaml = "name: " + job +
                       "\ntime_zone: UTC\ncurrency: EUR\nshards: 2\nsources:\n  transactions:\n    uri: /nowhere\n"
                       "    columns: {customer_id: id, time: date, amount: amount}\nmodels:\n  rfm: {scores: 5}\n";
    request.job = *ParseJob(request.job_yaml, "test");
    request.job_folder = "/";
    return request;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Gate gate_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> metadata_;
  std::unique_ptr<ObjectStore> objects_, gated_;
  StateSeams seams_;
  Leadership leadership_;
  std::mutex mutex_;
  std::vector<RunSummary> ended_;  // guarded by mutex_
  std::atomic<int> told_ = 0;
  std::unique_ptr<RunHost> host_;
  std::thread loop_;
};

TEST_F(RunHostTest, AnswersAndTakesRunsWhileRecoveryWaitsForAStore) {
  ASSERT_OK(BeginRun(seams_, leadership_, "left", "", AskedFor(Request("left"), "b")));
  gate_.Close();
  StartLoop();
  gate_.AwaitSomebody();  // recovery lists what is left over, or reads what the run had planned
  EXPECT_OK(host_->Submit(Request("new"), "id"));
  EXPECT_OK(host_->Get("new", 1));
  EXPECT_EQ(host_->Get("left", 1)->state, RunState::kRunning);
  EXPECT_THAT(host_->Submit(Request("left"), ""), FailsWith(absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE"));
  EXPECT_EQ(host_->Status().queued.back().first, "new");
}

TEST_F(RunHostTest, ARunThatIsClosedAndNotResumedIsToldLikeAnyOther) {
  ASSERT_OK(BeginRun(seams_, leadership_, "shop", "", AskedFor(Request("shop"), "another build")));
  StartLoop();
  while (told_ == 0) std::this_thread::yield();
  EndLoop();
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].error_reason, "COORDINATOR_LOST");
  EXPECT_EQ(host_->Status().recent.front().run, 1);
}

TEST_F(RunHostTest, IsNotReadyWithTheReasonUntilTheStoreAnswers) {
  std::atomic<bool> away = true;
  std::atomic<int> asked = 0;
  StartLoop([&]() -> absl::Status {
    ++asked;
    if (!away) return absl::OkStatus();
    return MakeError(absl::StatusCode::kUnavailable, "OBJECTS_UNREACHABLE", "no answer from the store");
  });
  while (host_->NotReady().find("no answer") == std::string::npos) std::this_thread::yield();
  EXPECT_OK(host_->Submit(Request("shop"), "id")) << "it waits for the store as well";
  EXPECT_EQ(host_->Get("shop", 1)->state, RunState::kRunning);
  away = false;
  while (!host_->NotReady().empty()) std::this_thread::yield();
  EXPECT_GE(asked, 2);
}

TEST_F(RunHostTest, WhatCannotBeTakenOverEndsTheLoop) {
  host_ = std::make_unique<RunHost>(seams_, leadership_, PlanOptions{.build_id = "b"});
  const auto corrupt = [] { return MakeError(absl::StatusCode::kDataLoss, "POINTER_CORRUPT", "damaged"); };
  EXPECT_THAT(host_->Loop(corrupt, nullptr), FailsWith(absl::StatusCode::kDataLoss, "POINTER_CORRUPT"));
}

}  // namespace
}  // namespace strata
