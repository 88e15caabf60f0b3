#include "coordinator/coordinator_metrics.h"

#include <gtest/gtest.h>

#include "tests/base/fake_clock.h"
#include "tests/base/telemetry/exposition.h"

namespace strata {
namespace {

RunSummary Ended(const std::string& job, int64_t run, RunState state) {
  RunSummary summary;
  summary.job = job;
  summary.run = run;
  summary.state = state;
  summary.customers = 100 * run;
  summary.rows = {.read = 1000 * run, .accepted = 990 * run, .rejected = 10 * run};
  summary.rows_new = {.read = 50, .accepted = 45, .rejected = 3, .duplicates = 2};
  summary.seconds[static_cast<int>(Stage::kMap) - 1] = 1.5;
  summary.finished_ms = 1'700'000'000'000 + run;
  return summary;
}

class CoordinatorMetricsTest : public testing::Test {
 protected:
  Exposition Scrape() { return Exposition::Parse(registry_.Scrape()); }
  MetricsRegistry registry_;
  CoordinatorMetrics metrics_{&registry_};
};

TEST_F(CoordinatorMetricsTest, RunsAddUpAndTheLastOneShows) {
  metrics_.OnRunEnded(Ended("shop", 1, RunState::kSucceeded));
  metrics_.OnRunEnded(Ended("shop", 2, RunState::kFailed));
  metrics_.OnRunEnded(Ended("other", 1, RunState::kCancelled));
  const Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", "shop"}, {"outcome", "succeeded"}}), 1);
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", "shop"}, {"outcome", "failed"}}), 1);
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", "other"}, {"outcome", "cancelled"}}), 1);
  EXPECT_EQ(scraped.Value("strata_rows_total", {{"job", "shop"}, {"class", "read"}}), 100);
  EXPECT_EQ(scraped.Value("strata_rows_total", {{"job", "shop"}, {"class", "duplicates"}}), 4);
  EXPECT_EQ(scraped.Value("strata_stage_seconds_count", {{"stage", "map"}}), 3);
  EXPECT_DOUBLE_EQ(scraped.Value("strata_stage_seconds_sum", {{"stage", "map"}}), 4.5);
  EXPECT_EQ(scraped.Value("strata_last_run_number", {{"job", "shop"}}), 2);
  EXPECT_EQ(scraped.Value("strata_last_run_success", {{"job", "shop"}}), 0);
  EXPECT_EQ(scraped.Value("strata_last_run_customers", {{"job", "shop"}}), 200);
  EXPECT_EQ(scraped.Value("strata_last_run_rows", {{"job", "shop"}, {"class", "rejected"}}), 20);
  EXPECT_DOUBLE_EQ(scraped.Value("strata_last_run_timestamp_seconds", {{"job", "shop"}}), 1'700'000'000.002);
}

TEST_F(CoordinatorMetricsTest, RememberedRunsShowAndCountInNoTotal) {
  metrics_.Remember({Ended("shop", 7, RunState::kSucceeded), Ended("shop", 6, RunState::kFailed)});
  const Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_last_run_number", {{"job", "shop"}}), 7);
  EXPECT_EQ(scraped.Value("strata_last_run_success", {{"job", "shop"}}), 1);
  EXPECT_TRUE(scraped.families().at("strata_runs_total").samples.empty());
}

TEST_F(CoordinatorMetricsTest, EventsOfTheDriverAreCountedByStageAndReason) {
  for (int i = 0; i < 5; ++i) metrics_.Observe(AttemptStarted{Stage::kMap});
  metrics_.Observe(AttemptFailed{Stage::kMap, "DISK_FULL"});
  metrics_.Observe(LeaseExpired{});
  metrics_.Observe(AttemptsLost{Stage::kMap, AttemptsLost::Why::kLeaseExpired, 3});
  metrics_.Observe(AttemptsLost{Stage::kFit, AttemptsLost::Why::kReconnectedWithout, 1});
  const Exposition scraped = Scrape();
  EXPECT_EQ(scraped.Value("strata_attempts_started_total", {{"stage", "map"}}), 5);
  EXPECT_EQ(scraped.Value("strata_attempts_failed_total", {{"stage", "map"}, {"reason", "DISK_FULL"}}), 1);
  EXPECT_EQ(scraped.Value("strata_attempts_lost_total", {{"stage", "map"}, {"reason", "lease_expired"}}), 3);
  EXPECT_EQ(scraped.Value("strata_attempts_lost_total", {{"stage", "fit"}, {"reason", "reconnected_without"}}), 1);
  EXPECT_EQ(scraped.Value("strata_lease_expiries_total"), 1);
}

TEST_F(CoordinatorMetricsTest, TheLeadShows) {
  EXPECT_EQ(Scrape().Value("strata_leading"), 0);
  metrics_.SetLeading(true);
  EXPECT_EQ(Scrape().Value("strata_leading"), 1);
}

TEST_F(CoordinatorMetricsTest, AnIdleHostHasNoRunAndWorkersOfNoState) {
  const FakeClock clock;
  RunHost host({.sources = nullptr, .objects = nullptr, .metadata = nullptr, .clock = &clock}, {}, {});
  metrics_.Watch(&host);
  const Exposition scraped = Scrape();
  for (const char* state : {"ready", "other_build", "disconnected"}) {
    EXPECT_EQ(scraped.Value("strata_workers", {{"state", state}}), 0);
  }
  EXPECT_EQ(scraped.Value("strata_runs_queued"), 0);
  EXPECT_TRUE(scraped.families().at("strata_run_tasks").samples.empty());
  metrics_.Unwatch();
}

}  // namespace
}  // namespace strata
