#include "serving/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "strata/v1/run_service.grpc.pb.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/raw_call.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

// Answers of grpc.health.v1.Health/Check: HealthCheckResponse{status}, 1 SERVING, 2 NOT_SERVING.
const std::string kServing = "\x08\x01";
const std::string kNotServing = "\x08\x02";

// HealthCheckRequest{service}.
absl::StatusOr<std::string> Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  const std::string request = service.empty() ? "" : std::string("\x0a") + static_cast<char>(service.size()) + service;
  return RawCall(channel, "/grpc.health.v1.Health/Check", request);
}

class OtherService final : public v1::RunService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetRun(grpc::CallbackServerContext* context, const v1::GetRunRequest* request,
                                   v1::Run* response) override {
    response->set_name(request->name());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

absl::Status GetScore(const std::shared_ptr<grpc::Channel>& channel) {
  v1::GetScoreRequest request;
  request.set_parent("jobs/shop");
  request.set_customer_id("c1");
  v1::GetScoreResponse response;
  grpc::ClientContext context;
  return FromGrpcStatus(v1::ScoreService::NewStub(channel)->GetScore(&context, request, &response));
}

class ScoreServerTest : public testing::Test {
 protected:
  ScoreServerTest() {
    state_.Publish("shop", 1);
    state_.Activate("shop", 1);
  }
  std::unique_ptr<ScoreServer> NewServer(ScoreServerOptions options = {}) {
    return std::make_unique<ScoreServer>(&catalogue_, &state_.objects(), &state_.metadata(), &state_.clock(),
                                         std::move(options));
  }
  SmallState state_;
  SnapshotCatalogue catalogue_{&state_.objects(), NewPublishedInMetadata(&state_.metadata())};
};

TEST_F(ScoreServerTest, ServesAtThePortItReturns) {
  ASSERT_OK(catalogue_.Refresh());
  const auto server = NewServer();
  const auto port = server->Start("127.0.0.1:0");
  ASSERT_OK(port);
  ASSERT_GT(*port, 0);
  EXPECT_OK(GetScore(grpc::CreateChannel(fmt::format("127.0.0.1:{}", *port), grpc::InsecureChannelCredentials())));
  EXPECT_THAT(server->Start("127.0.0.1:0"), FailsWith(absl::StatusCode::kFailedPrecondition, "SERVER_STARTED"));
}

TEST_F(ScoreServerTest, APortInUseIsAClearError) {
  const auto first = NewServer();
  const auto port = first->Start("127.0.0.1:0");
  ASSERT_OK(port);
  const auto second = NewServer();
  const auto taken = second->Start(fmt::format("127.0.0.1:{}", *port));
  EXPECT_THAT(taken, FailsWith(absl::StatusCode::kFailedPrecondition, "ADDRESS_UNAVAILABLE"));
  EXPECT_THAT(taken, SaysThat("the port is in use"));
  EXPECT_OK(second->Start(""));  // a failed start can be mended
}

TEST_F(ScoreServerTest, RefusesALimitOfAgeThatIsNone) {
  EXPECT_THAT(NewServer({.max_age_hours = 0})->Start(""),
              FailsWith(absl::StatusCode::kInvalidArgument, "MAX_AGE_INVALID"));
}

TEST_F(ScoreServerTest, HealthSaysUpAndReadyApart) {
  OtherService other;
  const auto server = NewServer({.extra_services = {{&other, v1::RunService::service_full_name()}}});
  ASSERT_OK(server->Start(""));
  const auto channel = server->InProcessChannel();
  EXPECT_EQ(*Health(channel, ""), kServing);
  EXPECT_EQ(*Health(channel, "strata.v1.RunService"), kServing);
  EXPECT_EQ(*Health(channel, "strata.v1.SnapshotService"), kServing);
  EXPECT_EQ(*Health(channel, "strata.v1.ScoreService"), kNotServing);
  EXPECT_THAT(Health(channel, "strata.v1.Nothing"), FailsWith(absl::StatusCode::kNotFound, "NOT_FOUND"));

  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(*Health(channel, "strata.v1.ScoreService"), kServing);
  EXPECT_EQ(*Health(channel, "strata.v1.SegmentService"), kServing);

  server->BeginDrain();
  for (const char* service : {"", "strata.v1.ScoreService", "strata.v1.RunService"}) {
    EXPECT_EQ(*Health(channel, service), kNotServing) << service;
  }
  EXPECT_OK(GetScore(channel)) << "a lame duck still answers";
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(*Health(channel, "strata.v1.ScoreService"), kNotServing) << "draining is for good";
}

TEST_F(ScoreServerTest, ReflectionListsTheServices) {
  OtherService other;
  const auto server = NewServer({.extra_services = {{&other, v1::RunService::service_full_name()}}});
  ASSERT_OK(server->Start(""));
  // ServerReflectionRequest{list_services: "*"}.
  const auto listed = RawCall(server->InProcessChannel(),
                              "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
  ASSERT_OK(listed);
  for (const char* service :
       {"strata.v1.ScoreService", "strata.v1.SegmentService", "strata.v1.SnapshotService", "strata.v1.JobService",
        "strata.v1.LedgerService", "strata.v1.RunService", "strata.v1.ReportService"}) {
    EXPECT_NE(listed->find(service), std::string::npos) << service;
  }
}

TEST_F(ScoreServerTest, ServesWhatOthersRegister) {
  OtherService other;
  const auto server = NewServer({.extra_services = {{&other, v1::RunService::service_full_name()}}});
  ASSERT_OK(server->Start(""));
  v1::GetRunRequest request;
  request.set_name("jobs/shop/runs/1");
  v1::Run run;
  grpc::ClientContext context;
  ASSERT_OK(FromGrpcStatus(v1::RunService::NewStub(server->InProcessChannel())->GetRun(&context, request, &run)));
  EXPECT_EQ(run.name(), "jobs/shop/runs/1");
}

TEST_F(ScoreServerTest, ShutdownLetsCallsUnderWayFinish) {
  state_.Publish("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  const auto server = NewServer();
  const auto port = server->Start("127.0.0.1:0");
  ASSERT_OK(port);
  const auto channel = grpc::CreateChannel(fmt::format("127.0.0.1:{}", *port), grpc::InsecureChannelCredentials());
  state_.objects().Close();
  std::promise<absl::Status> answered;
  std::jthread caller([&] {
    v1::GetScoreRequest request;
    request.set_parent("jobs/shop/snapshots/2");
    request.set_customer_id("c1");
    v1::GetScoreResponse response;
    grpc::ClientContext context;
    answered.set_value(FromGrpcStatus(v1::ScoreService::NewStub(channel)->GetScore(&context, request, &response)));
  });
  state_.objects().AwaitWaiter();
  std::jthread stopper([&] { server->Shutdown(60'000); });
  state_.objects().Open();
  EXPECT_OK(answered.get_future().get());
  stopper.join();
  EXPECT_OK(server->Start("")) << "and it can start again";
}

}  // namespace
}  // namespace strata
