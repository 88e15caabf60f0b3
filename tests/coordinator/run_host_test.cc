// The host of a cluster's runs while its stores do not answer: questions and submissions go on, the lead is kept, and
// what recovery closes is told.
#include "coordinator/run_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "coordinator/run_recovery.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/coordinator/shop_request.h"
#include "tests/serving/gated_object_store.h"

namespace strata {
namespace {

// Whether another thread brings it about, within a time that no machine needs.
bool Soon(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class RunHostTest : public testing::Test {
 protected:
  RunHostTest() : files_(NewPosixFileSystem()) {
    metadata_ = *OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_);
    objects_ = std::make_unique<GatedObjectStore>(*NewLocalObjectStore(files_.get(), folder_.Under("objects")));
    seams_ = {.sources = files_.get(), .objects = objects_.get(), .metadata = metadata_.get(), .clock = &clock_};
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
    objects_->Open();
    if (!loop_.joinable()) return;
    host_->Stop();
    loop_.join();
  }
  static NightRequest Request(const std::string& job) {
    NightRequest request = ShopRequest(job);
    request.job = *ParseJob(request.job_yaml, "test");
    return request;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> metadata_;
  std::unique_ptr<GatedObjectStore> objects_;
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
  ASSERT_OK(objects_->Put("jobs/left/listing", "files", 0640));
  const SourcesPin pin{.ledger_version = 0, .listing = {"jobs/left/listing", Hash64("files"), 5}};
  ASSERT_OK(metadata_->Commit({.puts = {{RunStateKey("left", 1, SourcesPin::kName), pin.Encode()}}}));
  objects_->Close();
  StartLoop();
  objects_->AwaitWaiter();  // recovery reads what the run had listed
  EXPECT_OK(host_->Submit(Request("new"), "id"));
  EXPECT_OK(host_->Get("new", 1));
  EXPECT_EQ(host_->Get("left", 1)->state, RunState::kRunning);
  EXPECT_THAT(host_->Submit(Request("left"), ""), FailsWith(absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE"));
  EXPECT_EQ(host_->Status().queued.back().first, "new");
}

TEST_F(RunHostTest, ARunThatIsClosedAndNotResumedIsToldLikeAnyOther) {
  ASSERT_OK(BeginRun(seams_, leadership_, "shop", "", AskedFor(Request("shop"), "another build")));
  StartLoop();
  ASSERT_TRUE(Soon([&] { return told_ > 0; }));
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
  ASSERT_TRUE(Soon([&] { return host_->NotReady().find("no answer") != std::string::npos; }));
  EXPECT_OK(host_->Submit(Request("shop"), "id")) << "it waits for the store as well";
  EXPECT_EQ(host_->Get("shop", 1)->state, RunState::kRunning);
  away = false;
  EXPECT_EQ(asked, 1) << "time stands still";
  ASSERT_TRUE(Soon([&] {
    clock_.Advance(1'000);
    return host_->NotReady().empty();
  }));
  EXPECT_EQ(asked, 2);
}

TEST_F(RunHostTest, WhatCannotBeTakenOverEndsTheLoop) {
  host_ = std::make_unique<RunHost>(seams_, leadership_, PlanOptions{.build_id = "b"});
  const auto corrupt = [] { return MakeError(absl::StatusCode::kDataLoss, "POINTER_CORRUPT", "damaged"); };
  EXPECT_THAT(host_->Loop(corrupt, nullptr), FailsWith(absl::StatusCode::kDataLoss, "POINTER_CORRUPT"));
}

}  // namespace
}  // namespace strata
