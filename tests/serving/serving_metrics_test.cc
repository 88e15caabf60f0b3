// What a server counts, compared with the calls that were made.
#include "serving/serving_metrics.h"

#include <gtest/gtest.h>

#include "strata/v1/cluster_service.grpc.pb.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "strata/v1/snapshot_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/base/telemetry/exposition.h"
#include "tests/serving/small_server.h"
#include "wire/cluster_status.h"

namespace strata {
namespace {

using Scores = v1::ScoreService;

class ServingMetricsTest : public testing::Test {
 protected:
  ServingMetricsTest() {
    state_.Publish("shop", 1);
    state_.Activate("shop", 1);
    ScoreServerOptions options;
    options.metrics = &registry_;
    options.identity = {.program = "strata-test", .version = "1.2.3", .coordinator = {}};
    server_ = std::make_unique<SmallServer>(&state_, std::move(options));
  }

  absl::Status GetScore(const std::string& job, const std::string& id) {
    v1::GetScoreRequest request;
    request.set_parent("jobs/" + job);
    request.set_customer_id(id);
    v1::GetScoreResponse response;
    return server_->Call<Scores>(&Scores::Stub::GetScore, request, &response);
  }

  absl::StatusOr<ClusterStatus> Status() {
    v1::GetStatusResponse response;
    STRATA_RETURN_IF_ERROR(
        server_->Call<v1::ClusterService>(&v1::ClusterService::Stub::GetStatus, v1::GetStatusRequest(), &response));
    return ReadClusterStatus(response);
  }

  double Calls(const char* method, const char* code) {
    const Exposition scraped = Scrape();
    const std::map<std::string, std::string> labels = {{"method", std::string("strata.v1.ScoreService/") + method},
                                                       {"code", code}};
    return scraped.Has("strata_serving_calls_total", labels) ? scraped.Value("strata_serving_calls_total", labels) : 0;
  }
  Exposition Scrape() { return Exposition::Parse(registry_.Scrape()); }

  SmallState state_;
  MetricsRegistry registry_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(ServingMetricsTest, CountsEveryCallByItsCode) {
  for (int i = 0; i < 5; ++i) ASSERT_OK(GetScore("shop", CustomerId(i)));
  EXPECT_FALSE(GetScore("shop", "nobody").ok());
  EXPECT_FALSE(GetScore("shop", "nobody").ok());
  EXPECT_FALSE(GetScore("other", "c0").ok());
  EXPECT_FALSE(GetScore("shop", "").ok());
  EXPECT_EQ(Calls("GetScore", "OK"), 5);
  EXPECT_EQ(Calls("GetScore", "NOT_FOUND"), 3);  // two customers and a job
  EXPECT_EQ(Calls("GetScore", "INVALID_ARGUMENT"), 1);
  EXPECT_EQ(Calls("LookupScores", "OK"), 0);
  const Exposition scraped = Scrape();
  const std::string method = "strata.v1.ScoreService/GetScore";
  EXPECT_EQ(scraped.Value("strata_serving_call_seconds_count", {{"method", method}}), 9);
  EXPECT_EQ(scraped.Value("strata_serving_calls_in_flight", {{"method", method}}), 0);
  EXPECT_EQ(scraped.Value("strata_serving_ids_total", {{"result", "found"}}), 5);
  EXPECT_EQ(scraped.Value("strata_serving_ids_total", {{"result", "not_found"}}), 2);
}

TEST_F(ServingMetricsTest, CountsTheIdsOfALookup) {
  v1::LookupScoresRequest request;
  request.set_parent("jobs/shop");
  for (const char* id : {"c0", "c1", "nobody", "", "c1", "c4"}) request.add_customer_ids(id);
  v1::LookupScoresResponse response;
  ASSERT_OK(server_->Call<Scores>(&Scores::Stub::LookupScores, request, &response));
  const Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_serving_ids_total", {{"result", "found"}}), 4);
  EXPECT_EQ(scraped.Value("strata_serving_ids_total", {{"result", "not_found"}}), 1);
  EXPECT_EQ(scraped.Value("strata_serving_ids_total", {{"result", "invalid"}}), 1);
}

TEST_F(ServingMetricsTest, ACallThatWaitsIsInFlight) {
  state_.Publish("shop", 2);
  ASSERT_OK(server_->catalogue().Refresh());
  state_.objects().Close();
  v1::GetScoreRequest request;
  request.set_parent("jobs/shop/snapshots/2");
  request.set_customer_id("c0");
  v1::GetScoreResponse response;
  absl::Status status;
  std::jthread caller([&] { status = server_->Call<Scores>(&Scores::Stub::GetScore, request, &response); });
  state_.objects().AwaitWaiter();
  const std::map<std::string, std::string> method = {{"method", "strata.v1.ScoreService/GetScore"}};
  EXPECT_EQ(Scrape().Value("strata_serving_calls_in_flight", method), 1);
  state_.clock().Advance(3'000);
  state_.objects().Open();
  caller.join();
  ASSERT_OK(status);
  const Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_serving_calls_in_flight", method), 0);
  // By the clock that was handed in, the call took three seconds.
  EXPECT_DOUBLE_EQ(scraped.Value("strata_serving_call_seconds_sum", method), 3);
}

TEST_F(ServingMetricsTest, AnExportIsOneCallFromBeginToEnd) {
  v1::ExportScoresRequest request;
  request.set_parent("jobs/shop");
  const auto stub = Scores::NewStub(server_->channel());
  grpc::ClientContext context;
  const auto stream = stub->ExportScores(&context, request);
  v1::ExportScoresResponse chunk;
  while (stream->Read(&chunk)) {
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_EQ(Calls("ExportScores", "OK"), 1);
}

TEST_F(ServingMetricsTest, ShowsWhatIsServedAndCountsSwitches) {
  const std::map<std::string, std::string> shop = {{"job", "shop"}};
  const double first_s = static_cast<double>(state_.clock().WallMs()) / 1e3;
  Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_number", shop), 1);
  EXPECT_EQ(scraped.Value("strata_serving_generation", shop), 1);
  EXPECT_EQ(scraped.Value("strata_serving_problem", shop), 0);
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_rows", shop), 5);
  EXPECT_EQ(scraped.Value("strata_serving_as_of_timestamp_seconds", shop),
            86'400.0 * static_cast<double>(state_.Record("shop", 1).as_of));
  EXPECT_EQ(scraped.Value("strata_serving_loaded_timestamp_seconds", shop), first_s);
  EXPECT_EQ(scraped.Value("strata_serving_switches_total", shop), 0);
  EXPECT_EQ(scraped.Value("strata_last_publish_timestamp_seconds", shop), first_s);

  state_.clock().Advance(90'000);
  state_.Publish("shop", 2, 3);
  state_.Activate("shop", 2);
  ASSERT_OK(server_->catalogue().Refresh());
  state_.clock().Advance(5'500);
  scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_number", shop), 2);
  EXPECT_EQ(scraped.Value("strata_serving_switches_total", shop), 1);
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_age_seconds", shop), 5.5);
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_rows", shop), 3);
  EXPECT_EQ(scraped.Value("strata_last_publish_timestamp_seconds", shop), first_s + 90);
}

TEST_F(ServingMetricsTest, AProblemShowsWhileTheOldSnapshotAnswers) {
  state_.clock().Advance(60'000);
  state_.Publish("shop", 2);
  state_.Damage("shop", 2, LookupName(0));
  state_.Activate("shop", 2);
  EXPECT_FALSE(server_->catalogue().Refresh().ok());
  const Exposition scraped = Scrape();
  const std::map<std::string, std::string> shop = {{"job", "shop"}};
  EXPECT_EQ(scraped.Value("strata_serving_problem", shop), 1);
  EXPECT_EQ(scraped.Value("strata_serving_snapshot_number", shop), 1);
  EXPECT_EQ(scraped.Value("strata_serving_generation", shop), 2);
  EXPECT_EQ(scraped.Value("strata_last_publish_timestamp_seconds", shop) -
                scraped.Value("strata_serving_published_timestamp_seconds", shop),
            60);
  const auto status = Status();
  ASSERT_OK(status);
  EXPECT_EQ(status->snapshots.at(0).current, 2);
  EXPECT_NE(status->snapshots.at(0).problem, "");
}

TEST_F(ServingMetricsTest, AServerThatIsNoCoordinatorTellsWhatItServes) {
  ASSERT_OK(GetScore("shop", "c0"));
  EXPECT_FALSE(GetScore("shop", "nobody").ok());
  state_.clock().Advance(7'000);
  const auto status = Status();
  ASSERT_OK(status);
  EXPECT_EQ(status->program, "strata-test");
  EXPECT_EQ(status->version, "1.2.3");
  EXPECT_EQ(status->now_ms - status->started_ms, 7'000);
  EXPECT_FALSE(status->coordinator.has_value());
  ASSERT_EQ(status->snapshots.size(), 1u);
  EXPECT_EQ(status->snapshots[0].job, "shop");
  EXPECT_EQ(status->snapshots[0].snapshot, 1);
  EXPECT_EQ(status->snapshots[0].customers, 5);
  EXPECT_EQ(status->snapshots[0].age_ms, 7'000);
  ASSERT_EQ(status->methods.size(), 1u) << "only methods that were called";
  EXPECT_EQ(status->methods[0].method, "strata.v1.ScoreService/GetScore");
  EXPECT_EQ(status->methods[0].calls, 2);
  EXPECT_EQ(status->methods[0].errors, 1);
}

}  // namespace
}  // namespace strata
