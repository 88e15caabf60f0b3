// `strata top` against a coordinator with a worker, all in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/build_id.h"
#include "coordinator/coordinator_main.h"
#include "store/state_layout.h"
#include "tests/base/status_matchers.h"
#include "tests/base/telemetry/exposition.h"
#include "tests/base/temporary_folder.h"
#include "tests/client/command_line_run.h"
#include "worker/session.h"

namespace strata {
namespace {

using testing::HasSubstr;

constexpr char kJob[] = R"(name: sample
as_of: 1997-09-30
time_zone: UTC
currency: USD
seed: 1
shards: 8
sources:
  transactions:
    uri: {}
    columns: {{customer_id: customer_id, time: date, amount: amount, quantity: quantity}}
models:
  rfm: {{scores: 5}}
)";

class TopCluster : public testing::Test {
 protected:
  TopCluster() : files_(NewPosixFileSystem()) {
    coordinator_ = std::make_unique<CoordinatorProcess>(CoordinatorOptions{.state = folder_.Under("state"),
                                                                           .listen = "127.0.0.1:0",
                                                                           .build_id = RunningBuildId(),
                                                                           .version = "test",
                                                                           .metrics = &registry_});
    EXPECT_NE(coordinator_->NotReady(), "");
    const auto port = coordinator_->Start();
    EXPECT_OK(port);
    EXPECT_THAT(coordinator_->NotReady(), HasSubstr("objects")) << "the port is open before it has looked at them";
    address_ = "127.0.0.1:" + std::to_string(*port);
    loop_ = std::jthread([this] { EXPECT_OK(coordinator_->Run()); });
    objects_ = *NewLocalObjectStore(files_.get(), ObjectsRoot(folder_.Under("state")));
    executor_ = std::make_unique<TaskExecutor>(files_.get(), objects_.get());
    session_ = std::make_unique<WorkerSession>(SessionOptions{.coordinator = address_},
                                               Worker::Options{.id = "w1", .build_id = RunningBuildId(), .slots = 2},
                                               executor_.get());
    worker_ = std::jthread([this] { EXPECT_OK(session_->Run()); });
  }

  ~TopCluster() override {
    session_->Stop();
    worker_.join();
    coordinator_->Stop();
    loop_.join();
    EXPECT_EQ(coordinator_->NotReady(), "is stopping");
  }

  std::string JobFile() {
    const std::string path = folder_.Under("job.yaml");
    const std::string uri = std::filesystem::absolute("tests/data/cdnow_sample.csv").string();
    std::string text = kJob;
    text.replace(text.find("{}"), 2, uri);
    for (size_t at = 0; (at = text.find("{{", at)) != std::string::npos;) text.erase(at, 1);
    for (size_t at = 0; (at = text.find("}}", at)) != std::string::npos;) text.erase(at, 1);
    std::ofstream(path) << text;
    return path;
  }

  TemporaryFolder folder_;
  MetricsRegistry registry_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<ObjectStore> objects_;
  std::unique_ptr<TaskExecutor> executor_;
  std::unique_ptr<CoordinatorProcess> coordinator_;
  std::unique_ptr<WorkerSession> session_;
  std::string address_;
  std::jthread loop_;
  std::jthread worker_;
};

TEST_F(TopCluster, ShowsARunAndItsSnapshot) {
  const CommandResult run = Strata({"run", JobFile(), "--target", address_, "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto summary = nlohmann::json::parse(run.out);
  ASSERT_EQ(Strata({"get", "0001", "--target", address_}).status, 0);

  const CommandResult top = Strata({"top", "--target", address_, "--once", "--json"});
  ASSERT_EQ(top.status, 0) << top.err;
  const auto json = nlohmann::json::parse(top.out);
  EXPECT_EQ(json["program"], "strata-coordinator");
  EXPECT_EQ(json["coordinator"]["leading"], true);
  EXPECT_EQ(json["coordinator"]["term"], 1);
  ASSERT_EQ(json["coordinator"]["workers"].size(), 1u);
  EXPECT_EQ(json["coordinator"]["workers"][0]["worker"], "w1");
  EXPECT_EQ(json["coordinator"]["workers"][0]["slots"], 2);
  EXPECT_TRUE(json["coordinator"]["run"].is_null());
  ASSERT_EQ(json["coordinator"]["recent_runs"].size(), 1u);
  EXPECT_EQ(json["coordinator"]["recent_runs"][0]["digest"], summary["digest"]);
  EXPECT_EQ(json["coordinator"]["recent_runs"][0]["rows"], summary["rows"]);
  ASSERT_EQ(json["snapshots"].size(), 1u);
  EXPECT_EQ(json["snapshots"][0]["job"], "sample");
  EXPECT_EQ(json["snapshots"][0]["snapshot"], summary["snapshot"]);
  EXPECT_EQ(json["snapshots"][0]["customers"], summary["customers"]);
  bool asked = false;
  for (const auto& method : json["methods"]) {
    if (method["method"] != "strata.v1.ScoreService/GetScore") continue;
    asked = true;
    EXPECT_EQ(method["calls"], 1);
    EXPECT_GT(method["p50_seconds"], 0);
  }
  EXPECT_TRUE(asked);

  const CommandResult text = Strata({"top", "--target", address_, "--once"});
  ASSERT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("Workers: 1 ready, 2 slots"));
  EXPECT_THAT(text.out, HasSubstr("ScoreService/GetScore"));
  EXPECT_THAT(text.out, HasSubstr("succeeded"));
  EXPECT_THAT(text.out, Not(HasSubstr("\x1b"))) << "no terminal, no control sequences";

  const Exposition scraped = Exposition::Parse(registry_.Scrape());
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", "sample"}, {"outcome", "succeeded"}}), 1);
  EXPECT_EQ(scraped.Value("strata_leading"), 1);
  EXPECT_EQ(coordinator_->NotReady(), "");
  // Services of the coordinator's own are counted too, and what is no method of theirs is not.
  const auto calls = [&scraped](const char* method) {
    return scraped.Value("strata_serving_calls_total", {{"method", method}, {"code", "OK"}});
  };
  EXPECT_EQ(calls("strata.v1.RunService/RunJob"), 1);
  EXPECT_GE(calls("google.longrunning.Operations/GetOperation"), 1);
  EXPECT_EQ(calls("strata.v1.ClusterService/GetStatus"), 2);
  EXPECT_EQ(scraped.Value("strata_serving_calls_in_flight", {{"method", "strata.worker.v1.WorkerService/Attach"}}), 1);
  // Without a loss every task is one attempt: a map task per split, a score task per shard.
  EXPECT_EQ(scraped.Value("strata_attempts_started_total", {{"stage", "score"}}), 8);
  EXPECT_EQ(scraped.Value("strata_last_run_customers", {{"job", "sample"}}), summary["customers"].get<double>());
  EXPECT_EQ(scraped.Value("strata_last_run_rows", {{"job", "sample"}, {"class", "read"}}),
            summary["rows"]["read"].get<double>());
  EXPECT_EQ(scraped.Value("strata_metadata_commits_total", {{"outcome", "conflict"}}), 0);
  EXPECT_GT(scraped.Value("strata_metadata_commits_total", {{"outcome", "committed"}}), 3);
}

}  // namespace
}  // namespace strata
