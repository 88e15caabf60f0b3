// The connection against servers that misbehave: what breaks off is resumed, what makes no sense is refused.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "base/clock.h"
#include "client/connection.h"
#include "client/run_target.h"
#include "google/longrunning/operations_proto.grpc.pb.h"
#include "strata/v1/job_service.grpc.pb.h"
#include "strata/v1/run_service.grpc.pb.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/client/example_values.h"
#include "wire/errors.h"
#include "wire/names.h"
#include "wire/runs.h"

namespace strata {
namespace {

// An export of `customers` rows, three a chunk, that breaks off after every `chunks_per_stream` chunks.
class BreakingScores final : public v1::ScoreService::Service {
 public:
  BreakingScores(int customers, int chunks_per_stream, int announced)
      : customers_(customers), chunks_per_stream_(chunks_per_stream), announced_(announced) {}

  grpc::Status ExportScores(grpc::ServerContext*, const v1::ExportScoresRequest* request,
                            grpc::ServerWriter<v1::ExportScoresResponse>* stream) override {
    ++streams_;
    int row = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    for (int chunk = 0; chunk < chunks_per_stream_ && row < customers_; ++chunk) {
      v1::ExportScoresResponse response;
      for (int i = 0; i < 3 && row < customers_; ++i, ++row) {
        const std::string id = "c" + std::to_string(row);
        AppendColumns({.hash = 0, .id = id, .score = ExampleScore()}, response.mutable_columns());
      }
      FillAnswerInfo(ExampleInfo(), response.mutable_info());
      response.set_total_size(announced_);
      if (row < customers_) response.set_next_page_token(std::to_string(row));
      stream->Write(response);
    }
    if (row == customers_) return grpc::Status::OK;
    return ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable, "SERVER_STOPPING", "the server stops"));
  }
  grpc::Status GetScore(grpc::ServerContext*, const v1::GetScoreRequest*, v1::GetScoreResponse*) override {
    return ToGrpcStatus(
        MakeError(absl::StatusCode::kNotFound, "CUSTOMER_UNKNOWN", "no customer 'x'", {{"snapshot", "s"}}));
  }

  int streams() const { return streams_; }

 private:
  int customers_;
  int chunks_per_stream_;
  int announced_;
  int streams_ = 0;
};

class EndlessJobs final : public v1::JobService::Service {
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*, v1::ListJobsResponse* response) override {
    response->set_next_page_token("again");
    return grpc::Status::OK;
  }
};

// A run that is under way, or has ended.
class OneRun final : public v1::RunService::Service, public google::longrunning::Operations::Service {
 public:
  explicit OneRun(bool done) : done_(done) {}
  int away_calls = 0;     // GetRun is UNAVAILABLE so many times
  int damaged_calls = 0;  // requests that arrive damaged
  int asked = 0;
  grpc::Status RunJob(grpc::ServerContext*, const v1::RunJobRequest* request,
                      google::longrunning::Operation* operation) override {
    ++asked;
    if (damaged_calls-- > 0) {
      return ToGrpcStatus(
          MakeError(absl::StatusCode::kDataLoss, "REQUEST_DAMAGED", "the request is not what was sent"));
    }
    EXPECT_EQ(request->request_id(), "once");
    operation->set_name(OperationResource("shop", 3));
    return grpc::Status::OK;
  }
  grpc::Status GetRun(grpc::ServerContext*, const v1::GetRunRequest*, v1::Run* run) override {
    if (away_calls-- > 0) return {grpc::StatusCode::UNAVAILABLE, "restarting"};
    FillRun(ExampleRun(), run);
    return grpc::Status::OK;
  }
  grpc::Status GetOperation(grpc::ServerContext*, const google::longrunning::GetOperationRequest* request,
                            google::longrunning::Operation* operation) override {
    operation->set_name(request->name());
    operation->set_done(done_);
    v1::RunMetadata metadata;
    FillRunMetadata({.job = "shop",
                     .run = 3,
                     .stage = Stage::kMap,
                     .stages = {{.stage = Stage::kMap, .done = 3, .total = 8}},
                     .rows_read = 0,
                     .workers = 2,
                     .message = ""},
                    &metadata);
    operation->mutable_metadata()->PackFrom(metadata);
    return grpc::Status::OK;
  }

 private:
  bool done_;
};

class FakeServer {
 public:
  // Who waits for a server to come back needs a `port`: a channel within the process has no connection to lose.
  explicit FakeServer(const std::vector<grpc::Service*>& services, bool port = false) {
    grpc::ServerBuilder builder;
    for (grpc::Service* service : services) builder.RegisterService(service);
    int bound = 0;
    if (port) builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &bound);
    server_ = builder.BuildAndStart();
    auto channel = port ? grpc::CreateChannel("127.0.0.1:" + std::to_string(bound), grpc::InsecureChannelCredentials())
                        : server_->InProcessChannel({});
    connection_ = std::make_unique<Connection>(std::move(channel), "fake:1", nullptr);
  }
  const Connection& connection() const { return *connection_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Connection> connection_;
};

absl::Status ExportIds(const Connection& connection, std::vector<std::string>* ids) {
  return connection.Export({.job = "shop", .number = 0}, [ids](const ExportChunk& chunk) {
    for (const ExportedScore& row : chunk.rows) ids->push_back(row.id);
    return absl::OkStatus();
  });
}

TEST(Export, ThatBreaksOffIsResumedWhereItEnded) {
  BreakingScores scores(20, 2, 20);
  const FakeServer server({&scores});
  std::vector<std::string> ids;
  ASSERT_OK(ExportIds(server.connection(), &ids));
  ASSERT_EQ(ids.size(), 20u);
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], "c" + std::to_string(i));
  EXPECT_EQ(scores.streams(), 4) << "six rows a stream";
}

TEST(Export, ThatNeverGetsFurtherEnds) {
  BreakingScores scores(20, 0, 20);
  const FakeServer server({&scores});
  std::vector<std::string> ids;
  EXPECT_THAT(ExportIds(server.connection(), &ids), FailsWith(absl::StatusCode::kUnavailable, "SERVER_STOPPING"));
  EXPECT_EQ(scores.streams(), 1);
}

TEST(Export, ThatLacksCustomersIsAnError) {
  BreakingScores scores(20, 100, 21);
  const FakeServer server({&scores});
  std::vector<std::string> ids;
  EXPECT_THAT(ExportIds(server.connection(), &ids), FailsWith(absl::StatusCode::kDataLoss, "EXPORT_INCOMPLETE"));
}

TEST(Export, EndsWithTheErrorOfWhoeverWritesIt) {
  BreakingScores scores(20, 100, 20);
  const FakeServer server({&scores});
  const absl::Status full = MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no room");
  EXPECT_EQ(server.connection().Export({.job = "shop", .number = 0}, [&full](const ExportChunk&) { return full; }),
            full);
}

TEST(Call, ErrorsKeepTheirDetailAndNameTheServer) {
  BreakingScores scores(1, 1, 1);
  const FakeServer server({&scores});
  const auto answer = server.connection().GetScore({.job = "shop", .number = 0}, "x");
  EXPECT_THAT(answer, FailsWith(absl::StatusCode::kNotFound, "CUSTOMER_UNKNOWN"));
  EXPECT_THAT(answer, SaysThat("fake:1: no customer 'x'"));
  EXPECT_EQ(DetailOf(answer.status())->metadata.at("snapshot"), "s");
}

TEST(Call, AServiceThatIsNotThereIsToldAsSuch) {
  BreakingScores scores(1, 1, 1);
  const FakeServer server({&scores});
  EXPECT_THAT(server.connection().Runs("shop"), FailsWith(absl::StatusCode::kUnimplemented, "SERVICE_MISSING"));
}

TEST(Call, AListThatNeverEndsIsRefused) {
  EndlessJobs jobs;
  const FakeServer server({&jobs});
  EXPECT_THAT(server.connection().Jobs(), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

// Somebody who follows run 3 of the job, and what is printed meanwhile.
class Following {
 public:
  explicit Following(OneRun* run, bool port = false)
      : server_(
            {static_cast<v1::RunService::Service*>(run), static_cast<google::longrunning::Operations::Service*>(run)},
            port) {}
  absl::StatusOr<RunSummary> Result(const std::string& where = "") {
    return FollowRun(server_.connection(), {.job = "shop", .number = 3}, where, interrupts_, clock_, &progress_);
  }
  std::string log() const { return log_.str(); }

 private:
  const FakeServer server_;
  const Interrupts interrupts_;
  const SystemClock clock_;
  std::ostringstream log_;
  ProgressPrinter progress_{&log_, false};
};

TEST(FollowRun, ReturnsTheSummaryOfARunThatHasEnded) {
  OneRun run(true);
  Following following(&run);
  const auto summary = following.Result();
  ASSERT_OK(summary);
  EXPECT_EQ(summary->ToJson(), ExampleRun().ToJson());
  EXPECT_EQ(following.log().substr(0, 24), "map: 8 tasks, 2 workers,");
}

TEST(FollowRun, AServerThatGoesAwayAtTheVeryEndIsAskedAgain) {
  OneRun run(true);
  run.away_calls = 1;
  Following following(&run, /*port=*/true);
  const auto summary = following.Result();
  ASSERT_OK(summary);
  EXPECT_NE(following.log().find("restarting; trying again"), std::string::npos) << following.log();
}

TEST(SubmitRun, ARequestThatWasDamagedOnTheWayIsSentAgainThreeTimesAtMost) {
  const TemporaryFolder folder;
  std::ofstream(folder.Under("job.yaml")) << "name: shop\nsources:\n  transactions:\n    uri: /rows.csv\n"
                                             "    columns: {customer_id: id, time: day, amount: amount}\n"
                                             "currency: EUR\n";
  for (const int damaged : {2, 3}) {
    OneRun run(false);
    run.damaged_calls = damaged;
    const FakeServer server({static_cast<v1::RunService::Service*>(&run)});
    RunOptions options;
    options.job_path = folder.Under("job.yaml");
    options.request_id = "once";
    const auto begun = SubmitRun(server.connection(), options);
    EXPECT_EQ(run.asked, 3);
    if (damaged == 2) {
      ASSERT_OK(begun);
      EXPECT_EQ(begun->number, 3);
    } else {
      EXPECT_THAT(begun, FailsWith(absl::StatusCode::kDataLoss, "REQUEST_DAMAGED"));
    }
  }
}

TEST(FollowRun, IsLeftByCtrlCWithAWordOnHowToLook) {
  OneRun run(false);
  Following following(&run);
  raise(SIGINT);
  const auto summary = following.Result(" --target fake:1");
  EXPECT_THAT(summary, FailsWith(absl::StatusCode::kAborted, "DETACHED"));
  EXPECT_THAT(summary, SaysThat("`strata runs show 3 --target fake:1 --job shop`"));
}

}  // namespace
}  // namespace strata
