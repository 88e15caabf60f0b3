#include <gtest/gtest.h>

#include "strata/v1/snapshot_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"
#include "wire/models.h"

namespace strata {
namespace {

using Service = v1::SnapshotService;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Does what a leader does, on a SmallState.
class Leader final : public SnapshotActions {
 public:
  explicit Leader(SmallState* state) : state_(state) {}
  absl::Status Activate(const std::string& job, int64_t number) override {
    if (held_) return MakeError(absl::StatusCode::kFailedPrecondition, "STATE_HELD", "held by another process");
    state_->Activate(job, number);
    return absl::OkStatus();
  }
  absl::Status Delete(const std::string& job, int64_t number) override {
    state_->DeleteRecord(job, number);
    return absl::OkStatus();
  }
  void Lose() { held_ = true; }

 private:
  SmallState* state_;
  bool held_ = false;
};

class SnapshotServiceTest : public testing::Test {
 protected:
  SnapshotServiceTest() {
    for (int64_t number = 1; number <= 5; ++number) state_.Publish("shop", number);
    state_.Activate("shop", 4);
    server_ = std::make_unique<SmallServer>(&state_, ScoreServerOptions{.actions = &leader_});
  }

  template <typename Response, typename Request, typename Method>
  absl::StatusOr<Response> Call(Method method, Request request, const std::string& name) {
    request.set_name(name);
    Response response;
    const absl::Status status = server_->Call<Service>(method, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Snapshot> Get(const std::string& name) {
    return Call<v1::Snapshot>(&Service::Stub::GetSnapshot, v1::GetSnapshotRequest(), name);
  }
  absl::StatusOr<v1::GetModelsResponse> GetModels(const std::string& name) {
    return Call<v1::GetModelsResponse>(&Service::Stub::GetModels, v1::GetModelsRequest(), name);
  }
  absl::StatusOr<v1::VerifySnapshotResponse> Verify(const std::string& name) {
    return Call<v1::VerifySnapshotResponse>(&Service::Stub::VerifySnapshot, v1::VerifySnapshotRequest(), name);
  }
  absl::StatusOr<v1::ActivateSnapshotResponse> Activate(const std::string& name) {
    return Call<v1::ActivateSnapshotResponse>(&Service::Stub::ActivateSnapshot, v1::ActivateSnapshotRequest(), name);
  }
  absl::StatusOr<v1::DeleteSnapshotResponse> Delete(const std::string& name) {
    return Call<v1::DeleteSnapshotResponse>(&Service::Stub::DeleteSnapshot, v1::DeleteSnapshotRequest(), name);
  }

  absl::StatusOr<v1::DiffSnapshotsResponse> Diff(const std::string& base, const std::string& other) {
    v1::DiffSnapshotsRequest request;
    request.set_base("jobs/shop/snapshots/" + base);
    request.set_other("jobs/shop/snapshots/" + other);
    v1::DiffSnapshotsResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::DiffSnapshots, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  SmallState state_;
  Leader leader_{&state_};
  std::unique_ptr<SmallServer> server_;
};

TEST_F(SnapshotServiceTest, ComparesTwoSnapshots) {
  state_.Publish("shop", 6, 8);  // three customers more than the others
  ASSERT_OK(server_->catalogue().Refresh());
  const auto diff = Diff("current", "6");
  ASSERT_OK(diff);
  EXPECT_EQ(diff->base().name(), "jobs/shop/snapshots/4");
  EXPECT_EQ(diff->customers_in_both(), 5);
  EXPECT_EQ(diff->customers_entered(), 3);
  EXPECT_EQ(diff->customers_left(), 0);
  ASSERT_EQ(diff->drifts(3).column(), "net");
  // Customer i of snapshot n has 1000 n + i micros.
  EXPECT_NEAR(diff->drifts(3).base().mean(), 0.004002, 1e-12);
  EXPECT_NEAR(diff->drifts(3).other().mean(), 0.0060035, 1e-12);
  ASSERT_EQ(diff->parameters(0).name(), "rfm.customers");
  EXPECT_EQ(diff->parameters(0).other(), 6);

  EXPECT_THAT(Diff("4", "4"), FailsWith(kInvalid, "SNAPSHOTS_EQUAL"));
  EXPECT_THAT(Diff("4", "current"), FailsWith(kInvalid, "SNAPSHOTS_EQUAL")) << "4 is the current one";
  EXPECT_THAT(Diff("4", "99"), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_THAT(Diff("x", "4"), FailsWith(kInvalid, "NAME_INVALID"));
  ASSERT_OK(Delete("jobs/shop/snapshots/5"));
  EXPECT_THAT(Diff("5", "4"), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_THAT(Diff("5", "4"), SaysThat("deleted"));
}

TEST_F(SnapshotServiceTest, ListsNewestFirstInPages) {
  v1::ListSnapshotsRequest request;
  request.set_parent("jobs/shop");
  request.set_page_size(2);
  std::vector<std::string> names;
  std::string current;
  for (int page = 0; page < 3; ++page) {
    v1::ListSnapshotsResponse response;
    ASSERT_OK(server_->Call<Service>(&Service::Stub::ListSnapshots, request, &response));
    for (const v1::Snapshot& snapshot : response.snapshots()) {
      names.push_back(snapshot.name());
      if (snapshot.current()) current = snapshot.name();
    }
    request.set_page_token(response.next_page_token());
    EXPECT_EQ(response.next_page_token().empty(), page == 2);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"jobs/shop/snapshots/5", "jobs/shop/snapshots/4", "jobs/shop/snapshots/3",
                                             "jobs/shop/snapshots/2", "jobs/shop/snapshots/1"}));
  EXPECT_EQ(current, "jobs/shop/snapshots/4");
  request.set_parent("jobs/web");
  request.clear_page_token();
  v1::ListSnapshotsResponse response;
  EXPECT_THAT(server_->Call<Service>(&Service::Stub::ListSnapshots, request, &response),
              FailsWith(kNotFound, "JOB_UNKNOWN"));
}

TEST_F(SnapshotServiceTest, GetsOneByNumberOrTheCurrentOne) {
  const auto third = Get("jobs/shop/snapshots/3");
  ASSERT_OK(third);
  EXPECT_EQ(third->digest(), state_.Record("shop", 3).digest);
  EXPECT_EQ(third->run(), "jobs/shop/runs/3");
  EXPECT_EQ(third->state(), v1::Snapshot::STATE_PUBLISHED);
  EXPECT_FALSE(third->current());
  EXPECT_EQ(Get("jobs/shop/snapshots/current")->name(), "jobs/shop/snapshots/4");
  EXPECT_THAT(Get("jobs/shop/snapshots/6"), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_THAT(Get("jobs/web/snapshots/1"), FailsWith(kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(Get("jobs/shop/snapshots/x"), FailsWith(kInvalid, "NAME_INVALID"));
}

TEST_F(SnapshotServiceTest, TellsWhatWasFitted) {
  const auto models = GetModels("jobs/shop/snapshots/current/models");
  ASSERT_OK(models);
  EXPECT_EQ(models->info().snapshot(), "jobs/shop/snapshots/4");
  const auto read = ReadModels(models->models());
  ASSERT_OK(read);
  EXPECT_EQ(read->rfm->customers, 4);
  EXPECT_EQ(read->lifetime->fit.reason, "too few");
  EXPECT_EQ(models->models().lifetime().active_customers(), 2.5) << "five customers with p_alive 0.5";
  EXPECT_FALSE(read->churn.has_value());
  EXPECT_EQ(ReadModels(GetModels("jobs/shop/snapshots/2/models")->models())->rfm->customers, 2);
  EXPECT_THAT(GetModels("jobs/shop/snapshots/2"), FailsWith(kInvalid, "NAME_INVALID"));
}

TEST_F(SnapshotServiceTest, VerifiesByReadingEverythingAgain) {
  const auto verified = Verify("jobs/shop/snapshots/current");
  ASSERT_OK(verified);
  EXPECT_EQ(verified->snapshot(), "jobs/shop/snapshots/4");
  EXPECT_EQ(verified->digest(), state_.Record("shop", 4).digest);
  EXPECT_GT(verified->objects(), 3);
  EXPECT_GT(verified->size_bytes(), 100);
  state_.Damage("shop", 4, LookupName(0));
  EXPECT_THAT(Verify("jobs/shop/snapshots/4"), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_THAT(Verify("jobs/shop/snapshots/4"), SaysThat("parts/00000"));
}

TEST_F(SnapshotServiceTest, ActivatesThroughTheLeaderAndServesAtOnce) {
  const auto back = Activate("jobs/shop/snapshots/2");
  ASSERT_OK(back);
  EXPECT_EQ(back->generation(), 2);
  EXPECT_TRUE(back->snapshot().current());
  EXPECT_EQ(GetModels("jobs/shop/snapshots/current/models")->info().snapshot(), "jobs/shop/snapshots/2");
  EXPECT_THAT(Activate("jobs/shop/snapshots/current"), FailsWith(kInvalid, "NAME_INVALID"));
  leader_.Lose();
  EXPECT_THAT(Activate("jobs/shop/snapshots/3"), FailsWith(absl::StatusCode::kFailedPrecondition, "STATE_HELD"));
}

TEST_F(SnapshotServiceTest, DeletesThroughTheLeader) {
  ASSERT_OK(Delete("jobs/shop/snapshots/1"));
  EXPECT_THAT(Get("jobs/shop/snapshots/1"), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_THAT(Delete("jobs/shop/snapshots/current"), FailsWith(kInvalid, "NAME_INVALID"));
}

TEST_F(SnapshotServiceTest, AReplicaOnlyReads) {
  server_ = std::make_unique<SmallServer>(&state_);
  EXPECT_THAT(Activate("jobs/shop/snapshots/2"), FailsWith(absl::StatusCode::kFailedPrecondition, "SERVER_READ_ONLY"));
  EXPECT_THAT(Delete("jobs/shop/snapshots/1"), FailsWith(absl::StatusCode::kFailedPrecondition, "SERVER_READ_ONLY"));
  EXPECT_OK(Get("jobs/shop/snapshots/1"));
}

}  // namespace
}  // namespace strata
