// From measured values to warnings, thresholds, text and JSON; and from flags to a plan.
#include "client/bench/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "client/bench/bench_flags.h"
#include "client/bench/bench_json.h"
#include "client/bench/bench_text.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kMs = 1'000'000;

// Ten seconds at 100 a second, latencies 1 to 1000 ms; ten errors beside them.
BenchReport Example() {
  BenchReport report;
  report.plan.targets = {"a:1"};
  report.plan.snapshot = {.job = "shop", .number = 0};
  report.plan.milli_rate = 100'000;
  report.load.measured_ns = 10'000 * kMs;
  for (int64_t i = 1; i <= 990; ++i) {
    report.load.tally.latency.Record(i * kMs);
    report.load.tally.service.Record(i * kMs / 2);
  }
  report.load.tally.errors[14] = {.count = 10, .example = "down", .latency = {}};
  report.load.tally.errors[14].latency.Record(5 * kMs);
  report.load.tally.sent_in_window = 1'000;
  report.load.tally.answered_in_window = 990;
  report.load.tally.questions_in_window = 990;
  report.load.counts.due = 1'000;
  report.load.client_cpu_ns = 500 * kMs;
  report.load.busiest_driver = 0.04;
  report.load.checks.snapshots[3] = {.answers = 990, .first_ns = 0, .last_ns = 10'000 * kMs, .digest = "d"};
  report.load.seconds.push_back({.end_s = 1,
                                 .length_s = 1,
                                 .warmup = false,
                                 .sent = 100,
                                 .answers = 99,
                                 .errors = 1,
                                 .backlog = 0,
                                 .p50_ns = 500 * kMs,
                                 .p99_ns = 990 * kMs,
                                 .max_ns = 1'000 * kMs});
  report.ids = {.source = "target", .known = 5, .customers = 5, .seconds = 0.1};
  report.environment = {.build = "b", .grpc = "1", .cores = 4, .date_ms = 0};
  return report;
}

TEST(BenchReport, RatesAndRatiosAreWhatTheirNamesSay) {
  BenchReport report = Example();
  EXPECT_DOUBLE_EQ(report.asked_rate(), 100);
  EXPECT_DOUBLE_EQ(report.achieved_rate(), 99);
  EXPECT_DOUBLE_EQ(report.rate_ratio(), 0.99);
  EXPECT_DOUBLE_EQ(report.send_ratio(), 1);
  EXPECT_DOUBLE_EQ(report.error_ratio(), 0.01);
  EXPECT_DOUBLE_EQ(report.client_cores(), 0.05);
  EXPECT_DOUBLE_EQ(report.client_cpu_share(), 0.025) << "an open loop's driver has two threads";
  EXPECT_NEAR(report.client_us_per_request(), 505.05, 0.01);
  report.load.counts.shed = 20;
  report.load.counts.abandoned = 10;
  EXPECT_DOUBLE_EQ(report.error_ratio(), 40 / 1030.0) << "what was never sent has failed";
  report.plan.closed = true;
  EXPECT_TRUE(std::isnan(report.rate_ratio()));
}

std::vector<BenchLimit> Limits(const BenchReport& report) {
  std::vector<BenchLimit> limits;
  for (const BenchWarning& warning : WarningsOf(report)) limits.push_back(warning.limit);
  return limits;
}

TEST(BenchReport, SaysWhoseLimitWasMeasured) {
  BenchReport report = Example();
  EXPECT_THAT(Limits(report), IsEmpty());
  report.load.tally.sent_in_window = 980;
  EXPECT_THAT(Limits(report), ElementsAre(BenchLimit::kGenerator)) << "late although slots were free";
  report.load.counts.waited_for_slot = 500;
  EXPECT_THAT(Limits(report), ElementsAre(BenchLimit::kInFlight)) << "late because no slot was";
  report.load.busiest_driver = 0.95;
  report.load.counts.abandoned = 1;
  EXPECT_THAT(Limits(report), ElementsAre(BenchLimit::kGenerator, BenchLimit::kInFlight, BenchLimit::kUnsent));
}

TEST(BenchReport, ThresholdsAreKeptOrMissed) {
  BenchReport report = Example();
  EXPECT_THAT(ThresholdsOf(report), IsEmpty());
  report.thresholds = {.max_p50_ms = 499,
                       .max_p90_ms = 800,
                       .max_p99_ms = 990,
                       .max_p999_ms = 2,
                       .max_error_ratio = 0.01,
                       .min_rate_ratio = 0.991,
                       .max_client_cpu_ratio = 0.9};
  std::vector<std::string> missed;
  for (const ThresholdLine& line : ThresholdsOf(report)) {
    if (!line.kept) missed.push_back(line.flag);
  }
  EXPECT_EQ(ThresholdsOf(report).size(), 7u);
  EXPECT_THAT(missed, ElementsAre("--max-p90-ms", "--max-p999-ms", "--min-rate-ratio"));
  report.load.tally.latency.Clear();
  EXPECT_FALSE(ThresholdsOf(report)[0].kept) << "no answer at all keeps no latency threshold";
}

TEST(BenchReport, AsJsonHasEveryFigureInMilliseconds) {
  BenchReport report = Example();
  report.thresholds.max_p50_ms = 1;
  const auto json = nlohmann::json::parse(BenchJson(report));
  EXPECT_EQ(json["plan"]["loop"], "open");
  EXPECT_EQ(json["plan"]["rate"], 100);
  EXPECT_EQ(json["latency_ms"]["count"], 990);
  EXPECT_NEAR(json["latency_ms"]["p50"].get<double>(), 495, 495 * 0.004);
  EXPECT_EQ(json["latency_ms"]["max"], 990);
  EXPECT_NEAR(json["service_ms"]["p99"].get<double>(), 490.5, 2);
  EXPECT_EQ(json["requests"]["errors_by_code"]["UNAVAILABLE"]["count"], 10);
  EXPECT_EQ(json["answers"]["snapshots"][0]["snapshot"], 3);
  EXPECT_EQ(json["thresholds"][0]["kept"], false);
  EXPECT_EQ(json["limits"].size(), 0u);
  EXPECT_EQ(json["environment"]["date"], "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(json["seconds"][0]["answers"], 99);
  report.plan.closed = true;
  EXPECT_TRUE(nlohmann::json::parse(BenchJson(report))["rate"]["asked"].is_null());
}

TEST(BenchReport, AsTextIsReadAtAGlance) {
  const std::string text = BenchText(Example());
  EXPECT_THAT(text, HasSubstr("open loop, constant 100/s, GetScore, 8 connections x 32 in flight, 1 driver, 10 s after "
                              "2 s of warm-up"));
  EXPECT_THAT(text, HasSubstr("  answered  99.0/s, 99.0 % of what was asked\n"));
  EXPECT_THAT(text, HasSubstr("    10 UNAVAILABLE, for example: down\n"));
  EXPECT_THAT(text, HasSubstr("p99.99"));
  EXPECT_EQ(BenchSecondLine(Example().load.seconds[0], false),
            "    1 s  99.0/s answered  p50 500 ms  p99 990 ms  max 1,000 ms  1 error  backlog 0");
}

BenchFlags Flags(const std::function<void(BenchFlags*)>& change) {
  BenchFlags flags;
  flags.target = "a:1,b:2";
  flags.rate = "1000.5";
  change(&flags);
  return flags;
}

TEST(BenchFlags, MakeAPlan) {
  const auto plan = ReadBenchPlan(Flags([](BenchFlags* flags) {
    flags->method = "lookup";
    flags->arrivals = "poisson";
    flags->keys = "zipf:0.9";
    flags->unknown_ratio = "0.25";
  }));
  ASSERT_OK(plan);
  EXPECT_THAT(plan->targets, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(plan->milli_rate, 1'000'500);
  EXPECT_EQ(plan->batch, kDefaultBatch);
  EXPECT_EQ(plan->arrivals, ArrivalShape::kPoisson);
  EXPECT_EQ(plan->keys.law, KeyLaw::kZipf);
  EXPECT_EQ(plan->keys.unknown_ratio, 0.25);
  EXPECT_EQ(plan->end_ns(), 12'000 * kMs);
}

TEST(BenchFlags, ThatDoNotGoTogetherAreNamed) {
  struct Row {
    std::function<void(BenchFlags*)> change;
    std::string says;
  };
  const std::vector<Row> rows = {
      {[](BenchFlags* f) { f->rate = ""; }, "how to ask is missing: give --rate R"},
      {[](BenchFlags* f) { f->closed = true; }, "--rate 1000.5: a closed loop (--closed) has no rate of its own"},
      {[](BenchFlags* f) { f->rate = "", f->closed = true, f->arrivals = "poisson"; },
       "--arrivals poisson: is for an open"},
      {[](BenchFlags* f) { f->rate = "", f->closed = true, f->min_rate_ratio = "1"; },
       "--min-rate-ratio 1: is for an open"},
      {[](BenchFlags* f) { f->rate = "0"; }, "--rate 0: allowed is 0.001 to 10000000"},
      {[](BenchFlags* f) { f->rate = "fast"; }, "--rate fast: allowed"},
      {[](BenchFlags* f) { f->rate = "nan"; }, "--rate nan: allowed"},
      {[](BenchFlags* f) { f->arrivals = "burst"; }, "--arrivals burst: allowed is constant or poisson"},
      {[](BenchFlags* f) { f->batch = 10; }, "--batch 10: is for --method lookup"},
      {[](BenchFlags* f) { f->method = "scan"; }, "--method scan: allowed is get or lookup"},
      {[](BenchFlags* f) { f->connections = 1; }, "--connections 1: 2 targets want one each"},
      {[](BenchFlags* f) { f->threads = 9; }, "--connections 8: 9 threads want one each"},
      {[](BenchFlags* f) { f->keys = "file"; }, "--keys file: the file is missing: give --ids FILE"},
      {[](BenchFlags* f) { f->keys = "zipf:0"; }, "--keys zipf:0: allowed is uniform"},
      {[](BenchFlags* f) { f->unknown_ratio = "1.5"; }, "--unknown-ratio 1.5: allowed is 0 to 1"},
      {[](BenchFlags* f) { f->target = "a:1,,b:2"; }, "--target a:1,,b:2: an address is HOST:PORT"},
      {[](BenchFlags* f) { f->no_verify = true, f->expect = "x.parquet"; },
       "--expect x.parquet: does not go with --no-verify"},
  };
  for (const Row& row : rows) {
    const auto plan = ReadBenchPlan(Flags(row.change));
    EXPECT_THAT(plan, FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"));
    EXPECT_THAT(plan, SaysThat(row.says));
  }
  const auto thresholds = ReadBenchThresholds(Flags([](BenchFlags* f) { f->max_p99_ms = "-1"; }));
  EXPECT_THAT(thresholds, SaysThat("--max-p99-ms -1: allowed is 0 to 86400000 milliseconds"));
}

}  // namespace
}  // namespace strata
