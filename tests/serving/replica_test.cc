// A whole replica in this process: its services without metadata, and switches under load.
#include "serving/replica.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "strata/v1/job_service.grpc.pb.h"
#include "strata/v1/ledger_service.grpc.pb.h"
#include "strata/v1/run_service.grpc.pb.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "strata/v1/snapshot_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/raw_call.h"
#include "tests/serving/small_state.h"
#include "tests/store/unreliable_object_store.h"
#include "wire/errors.h"

namespace strata {
namespace {

const std::string kServing = "\x08\x01";  // HealthCheckResponse{status}
const std::string kNotServing = "\x08\x02";

class ReplicaTest : public testing::Test {
 protected:
  void Start(HeldJobs held = {}) {
    replica_ = std::make_unique<Replica>(
        &objects_, &state_.clock(),
        ReplicaOptions{.listen = "127.0.0.1:0", .held = std::move(held), .refresh_ms = 1, .drain_ms = 77});
    const auto port = replica_->Start();
    MustBeOk(port.status());
    channel_ = grpc::CreateChannel(fmt::format("127.0.0.1:{}", *port), grpc::InsecureChannelCredentials());
  }
  void PublishAndActivate(int64_t number) {
    state_.Publish("shop", number);
    state_.Activate("shop", number);
  }
  // Until the replica's own loop has got there; the test's time-out is the deadline.
  template <typename Condition>
  void Await(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }
  int64_t Serving() {
    const auto found = replica_->catalogue().Find({"shop", 0});
    return found.ok() ? (*found)->record.number : 0;
  }
  std::string Health() {
    const std::string service = "strata.v1.ScoreService";
    const auto answer = RawCall(channel_, "/grpc.health.v1.Health/Check",
                                std::string("\x0a") + static_cast<char>(service.size()) + service);
    return answer.ok() ? *answer : answer.status().ToString();
  }
  template <typename Service, typename Request, typename Response, typename Method>
  absl::Status Call(Method method, const Request& request, Response* response) {
    const auto stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    return FromGrpcStatus(((*stub).*method)(&context, request, response));
  }

  SmallState state_;
  UnreliableObjectStore objects_{&state_.objects()};
  std::unique_ptr<Replica> replica_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ReplicaTest, StartsWithoutItsStoreAndIsReadyWhenItComes) {
  objects_.GoAway();
  PublishAndActivate(1);
  Start();
  EXPECT_EQ(Health(), kNotServing);
  v1::GetScoreRequest request;
  request.set_parent("jobs/shop");
  request.set_customer_id("c1");
  v1::GetScoreResponse response;
  EXPECT_THAT(Call<v1::ScoreService>(&v1::ScoreService::Stub::GetScore, request, &response),
              FailsWith(absl::StatusCode::kUnavailable, "NOT_READY"));
  v1::ListJobsResponse jobs;
  EXPECT_THAT(Call<v1::JobService>(&v1::JobService::Stub::ListJobs, v1::ListJobsRequest(), &jobs),
              FailsWith(absl::StatusCode::kUnavailable, "NOT_READY"));
  objects_.ComeBack();
  Await([this] { return Health() == kServing; });
  EXPECT_OK(Call<v1::ScoreService>(&v1::ScoreService::Stub::GetScore, request, &response));
  objects_.GoAway();
  state_.clock().Advance((kDefaultMaxAgeHours + 1) * 3'600'000);
  ASSERT_OK(Call<v1::ScoreService>(&v1::ScoreService::Stub::GetScore, request, &response));
  EXPECT_TRUE(response.info().stale()) << "it answers on, and says how old it is";
}

TEST_F(ReplicaTest, SaysWhoHasWhatItLacks) {
  PublishAndActivate(1);
  Start();
  Await([this] { return Serving() == 1; });
  v1::GetLedgerRequest ledger;
  ledger.set_name("jobs/shop/ledger");
  v1::Ledger no_ledger;
  EXPECT_THAT(Call<v1::LedgerService>(&v1::LedgerService::Stub::GetLedger, ledger, &no_ledger),
              FailsWith(absl::StatusCode::kFailedPrecondition, "NOT_ON_A_REPLICA"));
  v1::GetRunRequest run;
  run.set_name("jobs/shop/runs/1");
  v1::Run no_run;
  const absl::Status no_runs = Call<v1::RunService>(&v1::RunService::Stub::GetRun, run, &no_run);
  EXPECT_THAT(no_runs, FailsWith(absl::StatusCode::kUnimplemented, "NOT_ON_A_REPLICA"));
  EXPECT_THAT(no_runs, SaysThat("ask the coordinator"));
  v1::ActivateSnapshotRequest activate;
  activate.set_name("jobs/shop/snapshots/1");
  v1::ActivateSnapshotResponse not_activated;
  EXPECT_THAT(Call<v1::SnapshotService>(&v1::SnapshotService::Stub::ActivateSnapshot, activate, &not_activated),
              FailsWith(absl::StatusCode::kFailedPrecondition, "SERVER_READ_ONLY"));
  EXPECT_THAT(RawCall(channel_, "/strata.worker.v1.WorkerService/Attach", ""),
              FailsWith(absl::StatusCode::kUnimplemented, "UNIMPLEMENTED"));
}

TEST_F(ReplicaTest, TellsOfItsSnapshotsWhatACoordinatorWould) {
  state_.Publish("shop", 1);
  PublishAndActivate(2);
  Start({{"shop", 1}});
  Await([this] { return Serving() == 1; });
  v1::ListSnapshotsRequest list;
  list.set_parent("jobs/shop");
  v1::ListSnapshotsResponse snapshots;
  ASSERT_OK(Call<v1::SnapshotService>(&v1::SnapshotService::Stub::ListSnapshots, list, &snapshots));
  ASSERT_EQ(snapshots.snapshots_size(), 2);
  EXPECT_EQ(snapshots.snapshots(0).digest(), state_.Record("shop", 2).digest);
  EXPECT_EQ(snapshots.snapshots(0).run(), "jobs/shop/runs/2");
  EXPECT_TRUE(snapshots.snapshots(0).current());
  v1::GetJobRequest get;
  get.set_name("jobs/shop");
  v1::Job job;
  ASSERT_OK(Call<v1::JobService>(&v1::JobService::Stub::GetJob, get, &job));
  EXPECT_EQ(job.serving_snapshot(), "jobs/shop/snapshots/1");
  EXPECT_EQ(job.current_snapshot(), "jobs/shop/snapshots/2");
  v1::GetSnapshotRequest current;
  current.set_name("jobs/shop/snapshots/current");
  v1::Snapshot snapshot;
  ASSERT_OK(Call<v1::SnapshotService>(&v1::SnapshotService::Stub::GetSnapshot, current, &snapshot));
  EXPECT_EQ(snapshot.name(), "jobs/shop/snapshots/1") << "the one that answers";
  EXPECT_FALSE(snapshot.current());
}

TEST_F(ReplicaTest, DrainsWhileItAnswers) {
  PublishAndActivate(1);
  Start();
  Await([this] { return Health() == kServing; });
  EXPECT_OK(replica_->Ready());
  int64_t paused_ms = 0;
  replica_->Drain([&](int64_t ms) {
    paused_ms = ms;
    EXPECT_EQ(Health(), kNotServing);
    EXPECT_THAT(replica_->Ready(), SaysThat("draining"));
    v1::GetScoreRequest request;
    request.set_parent("jobs/shop");
    request.set_customer_id("c1");
    v1::GetScoreResponse response;
    EXPECT_OK(Call<v1::ScoreService>(&v1::ScoreService::Stub::GetScore, request, &response));
  });
  EXPECT_EQ(paused_ms, 77);
  EXPECT_NE(Health(), kNotServing) << "gone";
}

// Asks for all customers of the current snapshot until told to stop. Every batch must be of the snapshot that it names.
struct Asker {
  std::atomic<int64_t> batches = 0;
  std::string failed;  // the first call that did, or answered with a mixture; read after `ended`
  std::atomic<bool> ended = false;

  void Ask(const std::shared_ptr<grpc::Channel>& channel, int customers, const std::atomic<bool>& stop) {
    AskUntil(channel, customers, stop);
    ended = true;
  }

  void AskUntil(const std::shared_ptr<grpc::Channel>& channel, int customers, const std::atomic<bool>& stop) {
    const auto stub = v1::ScoreService::NewStub(channel);
    v1::LookupScoresRequest request;
    request.set_parent("jobs/shop");
    for (int i = 0; i < customers; ++i) request.add_customer_ids(CustomerId(i));
    while (!stop && failed.empty()) {
      v1::LookupScoresResponse response;
      grpc::ClientContext context;
      const absl::Status status = FromGrpcStatus(stub->LookupScores(&context, request, &response));
      if (!status.ok()) {
        failed = status.ToString();
        return;
      }
      const int64_t number = std::stoll(response.info().snapshot().substr(std::string("jobs/shop/snapshots/").size()));
      for (int i = 0; i < customers; ++i) {
        if (response.results(i).score().net_micros() == NetMicros(number, i)) continue;
        failed = fmt::format("customer {} of snapshot {}: {}", i, number, response.results(i).ShortDebugString());
      }
      ++batches;
    }
  }
};

TEST_F(ReplicaTest, FiftySwitchesUnderLookupsFailNoCallAndMixNoBatch) {
  constexpr int kAskers = 4;
  constexpr int64_t kSwitches = 50;
  constexpr int kCustomers = 5;
  PublishAndActivate(1);
  Start();
  Await([this] { return Health() == kServing; });
  std::atomic<bool> stop = false;
  Asker askers[kAskers];
  {
    std::vector<std::jthread> threads;
    for (Asker& asker : askers) {
      threads.emplace_back([&, this] { asker.Ask(channel_, kCustomers, stop); });
    }
    for (int64_t number = 2; number <= 1 + kSwitches; ++number) {
      PublishAndActivate(number);
      Await([&, this] { return Serving() == number; });
      // Each switch meets calls of every thread.
      for (Asker& asker : askers) {
        const int64_t before = asker.batches;
        Await([&] { return asker.batches > before || asker.ended; });
      }
    }
    stop = true;
  }
  for (const Asker& asker : askers) {
    EXPECT_EQ(asker.failed, "");
    EXPECT_GE(asker.batches, kSwitches - 1);
  }
}

TEST(Pins, AreJobsWithNumbers) {
  EXPECT_EQ(*ParsePins({"shop=12", "web-2=1"}), (HeldJobs{{"shop", 12}, {"web-2", 1}}));
  for (const char* wrong : {"", "shop", "shop=", "=1", "shop=0", "shop=-1", "shop=1x", "shop=01", "Shop=1", "a/b=1",
                            "shop=99999999999999999999"}) {
    EXPECT_THAT(ParsePins({wrong}), FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID")) << wrong;
    EXPECT_THAT(ParsePins({wrong}), SaysThat(fmt::format("--pin '{}'", wrong))) << wrong;
  }
  EXPECT_THAT(ParsePins({"shop=1", "shop=2"}), SaysThat("pinned to snapshot 1 already"));
}

}  // namespace
}  // namespace strata
