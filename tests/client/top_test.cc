// What `strata top` shows, from statuses made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "client/json/top_json.h"
#include "client/method_rates.h"
#include "client/text/top_screen.h"
#include "tests/client/command_line_run.h"

namespace strata {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1'711'937'624'000;  // 2024-04-01 02:13:44 UTC

MethodFacts GetScoreFacts(int64_t calls, std::vector<int64_t> buckets) {
  return {.method = "strata.v1.ScoreService/GetScore",
          .calls = calls,
          .errors = 2,
          .in_flight = 1,
          .bounds_ns = {1'000, 2'000, 5'000, 10'000},
          .buckets = std::move(buckets)};
}

ClusterStatus Replica() {
  return {.program = "strata-server",
          .version = "0.1.0",
          .now_ms = kNow,
          .started_ms = kNow - 100'000,
          .coordinator = std::nullopt,
          .snapshots = {{.job = "shop",
                         .snapshot = 7,
                         .current = 7,
                         .generation = 3,
                         .as_of = 19'813,
                         .published_ms = kNow - 3'600'000,
                         .loaded_ms = kNow - 60'000,
                         .customers = 1'234'567,
                         .age_ms = 3'600'000}},
          .methods = {GetScoreFacts(1'000, {0, 1'000, 0, 0, 0})}};
}

ClusterStatus Coordinator() {
  ClusterStatus status = Replica();
  status.program = "strata-coordinator";
  CoordinatorFacts facts;
  facts.leading = true;
  facts.term = 4;
  facts.holder = "strata-coordinator at 0.0.0.0:7070, process 9";
  facts.workers = {{.id = "w1",
                    .slots = 2,
                    .connected = true,
                    .eligible = true,
                    .tasks = {{.stage = Stage::kMap, .index = 3}, {.stage = Stage::kMap, .index = 7}}},
                   {.id = "w2", .slots = 4, .connected = true, .eligible = false, .tasks = {}},
                   {.id = "w3\x1b[2J", .slots = 1, .connected = false, .eligible = true, .tasks = {}}};
  facts.run =
      CurrentRunFacts{.progress = {.job = "shop",
                                   .run = 8,
                                   .stage = Stage::kMap,
                                   .stages = {{.stage = Stage::kPlan}, {.stage = Stage::kMap, .done = 5, .total = 10}},
                                   .rows_read = 0,
                                   .workers = 1,
                                   .message = ""},
                      .started_ms = kNow - 12'000,
                      .stage_seconds = 3.1};
  facts.queued = {{.job = "other", .number = 2}};
  RunSummary run;
  run.job = "shop";
  run.run = 7;
  run.state = RunState::kSucceeded;
  run.as_of = "2024-03-31";
  run.customers = 1'234'567;
  run.rows.read = 5'000'000;
  run.rows.rejected = 12;
  run.seconds_total = 61;
  run.started_ms = kNow - 3'700'000;
  run.finished_ms = kNow - 3'600'000;
  facts.recent = {run};
  status.coordinator = std::move(facts);
  return status;
}

TEST(TopScreen, ShowsAClusterAtAGlance) {
  const ClusterStatus status = Coordinator();
  EXPECT_EQ(TopScreen("host:7070", status, RatesOf(status, nullptr)),
            R"(strata-coordinator 0.1.0 at host:7070, up 1 min 40 s, 2024-04-01 02:13:44 UTC
leads in term 4: strata-coordinator at 0.0.0.0:7070, process 9

Workers: 1 ready, 2 slots
  worker     state         slots  work
  w1         ready             2  map 3, 7
  w2         other build       4  idle
  w3\x1b[2J  disconnected      1  idle

Run: 8 of job shop, 12.0 s
  plan     [####################]  done
  map      [##########----------]  5/10 tasks, 1 worker, 3.1 s
  waiting: run 2 of job other

Snapshots served
  job   snapshot  generation  as of       customers  age
  shop         7           3  2024-03-31  1,234,567  1 hour

Calls
  method                 calls/s     p50     p99  in flight  calls  errors
  ScoreService/GetScore     10.0  1.5 us  2.0 us          1  1,000       2

Recent runs
  job   run  outcome    as of       customers       rows  rejected       took  ended
  shop    7  succeeded  2024-03-31  1,234,567  5,000,000        12  1 min 1 s  1 hour ago
)");
}

TEST(TopScreen, AReplicaShowsWhatItKnows) {
  const std::string screen = TopScreen("host:7071", Replica(), {});
  EXPECT_THAT(screen, HasSubstr("no coordinator"));
  EXPECT_THAT(screen, HasSubstr("1,234,567"));
  EXPECT_THAT(screen, HasSubstr("Calls: none yet"));
  EXPECT_THAT(screen, Not(HasSubstr("Workers")));
}

TEST(TopScreen, SaysWhyASnapshotIsNotServed) {
  ClusterStatus status = Replica();
  status.snapshots[0].current = 8;
  status.snapshots[0].problem = "parts/00001.lookup is damaged";
  status.snapshots.push_back({.job = "young"});
  const std::string screen = TopScreen("h:1", status, {});
  EXPECT_THAT(screen, HasSubstr("shop: snapshot 8 is current and not served: parts/00001.lookup is damaged"));
  EXPECT_THAT(screen, HasSubstr("young         -           -  -                   -  -"));
}

TEST(TopScreen, ManyWorkersAndTasksAreCut) {
  ClusterStatus status = Coordinator();
  WorkerFacts busy{.id = "busy", .slots = 8, .connected = true, .eligible = true, .tasks = {}};
  for (uint32_t i = 0; i < 16; ++i) busy.tasks.push_back({.stage = Stage::kScore, .index = i});
  status.coordinator->workers.assign(kMaxWorkersShown + 5, busy);
  const std::string screen = TopScreen("h:1", status, {});
  EXPECT_THAT(screen, HasSubstr("score 0, 1, 2, 3, 4, 5 and 10 more"));
  EXPECT_THAT(screen, HasSubstr("  and 5 more\n"));
}

TEST(TopScreen, AFitRoundCountsRoundsAndShards) {
  ClusterStatus status = Coordinator();
  CoordinatorFacts& facts = *status.coordinator;
  facts.workers[0].tasks = {{.stage = Stage::kFit, .index = 0, .shards = 32}};
  facts.run->progress.stage = Stage::kFit;
  facts.run->progress.stages = {{.stage = Stage::kFit, .done = 12, .total = 0}};
  facts.run->progress.rows_read = 69'659;
  const std::string screen = TopScreen("h:1", status, {});
  EXPECT_THAT(screen, HasSubstr("fit 32 shards"));
  EXPECT_THAT(screen, HasSubstr("12 rounds"));
  EXPECT_THAT(screen, HasSubstr("69,659 new rows"));
}

TEST(Latency, IsReadable) {
  EXPECT_EQ(Latency(8.5e-7), "850 ns");
  EXPECT_EQ(Latency(1.26e-6), "1.3 us");
  EXPECT_EQ(Latency(1.2e-5), "12 us");
  EXPECT_EQ(Latency(0.0013), "1.3 ms");
  EXPECT_EQ(Latency(0.013), "13 ms");
  EXPECT_EQ(Latency(2.06), "2.1 s");
  EXPECT_EQ(Latency(std::nan("")), "-");
}

TEST(MethodRates, AreOfTheTimeBetweenTwoLooks) {
  ClusterStatus before = Replica();
  ClusterStatus now = Replica();
  now.now_ms += 2'000;
  now.methods = {GetScoreFacts(1'300, {0, 1'000, 0, 300, 0})};
  const auto rates = RatesOf(now, &before);
  ASSERT_EQ(rates.size(), 1u);
  EXPECT_EQ(rates[0].calls_per_second, 150);
  // All 300 new calls lie between 5 and 10 us: the interpolated median is in the middle.
  EXPECT_NEAR(rates[0].p50_seconds, 7.5e-6, 1e-12);
  EXPECT_NEAR(rates[0].p99_seconds, 9.95e-6, 1e-12);
  EXPECT_EQ(rates[0].calls, 1'300);

  before.methods = now.methods;
  const auto idle = RatesOf(now, &before);
  EXPECT_EQ(idle[0].calls_per_second, 0);
  EXPECT_TRUE(std::isnan(idle[0].p50_seconds));

  before.started_ms -= 1;  // another process
  EXPECT_EQ(RatesOf(now, &before)[0].calls_per_second, RatesOf(now, nullptr)[0].calls_per_second);
}

// Against the sorted values themselves: the answer lies in the same bucket.
TEST(MethodRates, QuantilesLieInTheRightBucket) {
  const uint64_t seed = 7;
  std::mt19937_64 random(seed);
  const std::vector<int64_t> bounds = {10, 20, 50, 100, 200, 500, 1'000};
  for (int round = 0; round < 200; ++round) {
    std::vector<int64_t> values(1 + random() % 50);
    std::vector<int64_t> buckets(bounds.size() + 1);
    for (int64_t& value : values) {
      value = 1 + static_cast<int64_t>(random() % 1'000);
      ++buckets[static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin())];
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.5, 0.9, 0.99}) {
      const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(values.size()))) - 1;
      const auto upper = std::lower_bound(bounds.begin(), bounds.end(), values[rank]);
      const double lower = upper == bounds.begin() ? 0 : static_cast<double>(*(upper - 1));
      const double answer = HistogramQuantile(bounds, buckets, q) * 1e9;
      EXPECT_GE(answer, lower) << "seed " << seed << " round " << round << " q " << q;
      EXPECT_LE(answer, static_cast<double>(*upper) * (1 + 1e-12)) << "seed " << seed << " round " << round;
    }
  }
  EXPECT_EQ(HistogramQuantile({10}, {0, 5}, 0.5), 10e-9);
  EXPECT_TRUE(std::isnan(HistogramQuantile({10}, {0, 0}, 0.5)));
}

TEST(TopJson, HasEverythingUnderItsName) {
  const ClusterStatus status = Coordinator();
  const auto json = nlohmann::json::parse(TopJson("h:1", status, RatesOf(status, nullptr)));
  EXPECT_EQ(json["target"], "h:1");
  EXPECT_EQ(json["program"], "strata-coordinator");
  EXPECT_EQ(json["time"], "2024-04-01T02:13:44.000Z");
  const auto& coordinator = json["coordinator"];
  EXPECT_EQ(coordinator["leading"], true);
  EXPECT_EQ(coordinator["workers"].size(), 3u);
  EXPECT_EQ(coordinator["workers"][0]["tasks"][1]["index"], 7);
  EXPECT_EQ(coordinator["run"]["stage"], "map");
  EXPECT_EQ(coordinator["run"]["stages"][1]["total"], 10);
  EXPECT_EQ(coordinator["queued_runs"][0]["job"], "other");
  EXPECT_EQ(coordinator["recent_runs"][0]["rows"]["rejected"], 12);
  EXPECT_EQ(json["snapshots"][0]["as_of"], "2024-03-31");
  EXPECT_EQ(json["snapshots"][0]["age_seconds"], 3600);
  EXPECT_EQ(json["snapshots"][0]["problem"], nullptr);
  EXPECT_EQ(json["methods"][0]["calls_per_second"], 10);
  EXPECT_TRUE(nlohmann::json::parse(TopJson("h:1", Replica(), {}))["coordinator"].is_null());
}

TEST(TopCommand, WrongUseIsSaid) {
  EXPECT_EQ(Strata({"top"}).status, 2);
  EXPECT_THAT(Strata({"top"}).err, HasSubstr("--target is required"));
  EXPECT_EQ(Strata({"top", "--target", "nowhere", "--once"}).status, 2);
  EXPECT_EQ(Strata({"top", "--target", "a:1", "--interval-ms", "5"}).status, 2);
  EXPECT_EQ(Strata({"top", "--target", "a:1", "--twice"}).status, 2);
}

TEST(TopCommand, AnUnreachableTargetIsStatusOne) {
  const CommandResult result = Strata({"top", "--target", "127.0.0.1:1", "--once"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace strata
