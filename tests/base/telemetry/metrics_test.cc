#include "base/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "base/telemetry/process_metrics.h"
#include "tests/base/telemetry/exposition.h"

namespace strata {
namespace {

TEST(Metrics, ScrapeSaysWhatWasCounted) {
  MetricsRegistry registry;
  auto& calls = registry.AddCounter({"strata_calls_total", "Calls.", {"method", "code"}});
  calls.With({"Get", "OK"}).Add();
  calls.With({"Get", "OK"}).Add(2);
  calls.With({"Get", "NOT_FOUND"}).Add();
  registry.AddGauge({"strata_leading", "Leads.", {}}).only().Set(0.25);
  registry.AddGauge({"strata_in_flight", "Calls.", {}}).only().Add(3);
  registry.AddGauge({"strata_in_flight", "Calls.", {}}).only().Add(-1);
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_calls_total", {{"method", "Get"}, {"code", "OK"}}), 3);
  EXPECT_EQ(scraped.Value("strata_calls_total", {{"method", "Get"}, {"code", "NOT_FOUND"}}), 1);
  EXPECT_EQ(scraped.Value("strata_leading"), 0.25);
  EXPECT_EQ(scraped.Value("strata_in_flight"), 2);
  EXPECT_EQ(scraped.families().at("strata_calls_total").help, "Calls.");
}

TEST(Metrics, BigCountsAndTimestampsKeepTheirDigits) {
  MetricsRegistry registry;
  registry.AddCounter({"strata_bytes_total", "Bytes.", {}}).only().Add(123'456'789'012'345);
  registry.AddGauge({"strata_time_seconds", "Time.", {}}).only().Set(1'767'579'224.123);
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_bytes_total"), 123'456'789'012'345.0);
  EXPECT_NEAR(scraped.Value("strata_time_seconds"), 1'767'579'224.123, 0.001);
}

TEST(Metrics, LabelsMayHoldAnything) {
  MetricsRegistry registry;
  auto& runs = registry.AddCounter({"strata_runs_total", "Runs.", {"job"}});
  const std::string nasty = "a\"b\\c\nd{}=,\xc3\xa4";
  runs.With({nasty}).Add(7);
  runs.With({"cut \xc3 here \xff"}).Add(8);
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", nasty}}), 7);
  EXPECT_EQ(scraped.Value("strata_runs_total", {{"job", "cut ? here ?"}}), 8);
}

// Against a table that is searched from the front.
TEST(Metrics, HistogramsAgreeWithASlowCount) {
  const uint64_t seed = 20260105;
  std::mt19937_64 random(seed);
  MetricsRegistry registry;
  Histogram& histogram =
      registry.AddHistogram({"strata_call_seconds", "Time.", {"method"}}, CallBucketsNs()).With({"Get"});
  const std::vector<int64_t> bounds = CallBucketsNs();
  EXPECT_EQ(bounds.front(), 1'000);
  EXPECT_EQ(bounds.back(), 10'000'000'000);
  std::vector<int64_t> drawn = {0, 999, 1'000, 1'001, 10'000'000'000, 10'000'000'001};
  for (int i = 0; i < 5'000; ++i) {
    drawn.push_back(static_cast<int64_t>(std::pow(10.0, std::uniform_real_distribution<double>(2, 11)(random))));
  }
  double sum = 0;
  for (const int64_t ns : drawn) {
    histogram.ObserveNs(ns);
    sum += static_cast<double>(ns) * 1e-9;
  }
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  size_t checked = 0;
  for (const ExposedSample& sample : scraped.families().at("strata_call_seconds").samples) {
    if (sample.name != "strata_call_seconds_bucket") continue;
    const double bound = sample.labels.at("le") == "+Inf" ? 1e300 : std::stod(sample.labels.at("le"));
    const auto slow = std::count_if(drawn.begin(), drawn.end(),
                                    [bound](int64_t ns) { return static_cast<double>(ns) <= bound * 1e9 + 1e-3; });
    EXPECT_EQ(sample.value, static_cast<double>(slow)) << "le " << sample.labels.at("le") << ", seed " << seed;
    ++checked;
  }
  EXPECT_EQ(checked, bounds.size() + 1);
  EXPECT_NEAR(scraped.Value("strata_call_seconds_sum", {{"method", "Get"}}), sum, sum * 1e-9);
}

TEST(Metrics, ThreadsLoseNothing) {
  MetricsRegistry registry;
  Counter& counter = registry.AddCounter({"strata_x_total", "X.", {}}).only();
  Gauge& gauge = registry.AddGauge({"strata_y", "Y.", {}}).only();
  Histogram& histogram = registry.AddHistogram({"strata_z_seconds", "Z.", {}}, WorkBucketsNs()).only();
  constexpr int kThreads = 8;
  constexpr int kEach = 20'000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          counter.Add();
          gauge.Add(i % 2 == 0 ? 1 : -1);
          histogram.ObserveNs(i);
        }
      });
    }
    threads.emplace_back([&registry] {
      for (int i = 0; i < 50; ++i) Exposition::Parse(registry.Scrape());
    });
  }
  EXPECT_EQ(counter.value(), uint64_t{kThreads} * kEach);
  EXPECT_EQ(gauge.value(), 0);
  EXPECT_EQ(histogram.counts().buckets.front(), uint64_t{kThreads} * kEach);
  EXPECT_EQ(histogram.counts().sum_ns, int64_t{kThreads} * kEach * (kEach - 1) / 2);
}

TEST(Metrics, AFamilyGrowsToItsLimitAndThenCountsTogether) {
  MetricsRegistry registry;
  auto& family = registry.AddCounter({"strata_jobs_total", "Jobs.", {"job"}});
  for (size_t i = 0; i < kMaxSeriesPerFamily + 10; ++i) family.With({"job" + std::to_string(i)}).Add();
  family.With({"job0"}).Add();  // known ones go on
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.families().at("strata_jobs_total").samples.size(), kMaxSeriesPerFamily + 1);
  EXPECT_EQ(scraped.Value("strata_jobs_total", {{"job", kOtherLabel}}), 10);
  EXPECT_EQ(scraped.Value("strata_jobs_total", {{"job", "job0"}}), 2);
}

TEST(Metrics, ReadingsAreReadAnewAndEndWithTheirHandle) {
  MetricsRegistry registry;
  double value = 1;
  size_t series = 1;
  auto reading = registry.AddReading({"strata_age_seconds", "Age.", {"job"}}, MetricKind::kGauge, [&] {
    std::vector<Sample> samples;
    for (size_t i = 0; i < series; ++i) samples.push_back({.labels = {"job" + std::to_string(i)}, .value = value});
    return samples;
  });
  EXPECT_EQ(Exposition::Parse(registry.Scrape()).Value("strata_age_seconds", {{"job", "job0"}}), 1);
  value = 2.5;
  series = kMaxSeriesPerFamily + 3;
  const Exposition many = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(many.Value("strata_age_seconds", {{"job", "job0"}}), 2.5);
  EXPECT_EQ(many.families().at("strata_age_seconds").samples.size(), kMaxSeriesPerFamily);
  EXPECT_EQ(many.Value("strata_metrics_left_out"), 3);
  reading.reset();
  EXPECT_FALSE(Exposition::Parse(registry.Scrape()).Has("strata_age_seconds", {{"job", "job0"}}));
}

TEST(Metrics, TheProcessDescribesItself) {
  MetricsRegistry registry;
  const ProcessMetrics process({.program = "strata-test", .version = "1.2.3", .build_id = "abc"}, &registry);
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_build_info", {{"program", "strata-test"}, {"version", "1.2.3"}, {"build_id", "abc"}}),
            1);
  EXPECT_GT(scraped.Value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(scraped.Value("process_virtual_memory_bytes"), scraped.Value("process_resident_memory_bytes"));
  EXPECT_GE(scraped.Value("process_open_fds"), 3);
  EXPECT_GE(scraped.Value("process_max_fds"), scraped.Value("process_open_fds"));
  EXPECT_GE(scraped.Value("process_cpu_seconds_total"), 0);
  EXPECT_GT(scraped.Value("process_start_time_seconds"), 1.6e9);
}

TEST(Metrics, AnOpenedFileIsOneDescriptorMore) {
  MetricsRegistry registry;
  const ProcessMetrics process({}, &registry);
  const double before = Exposition::Parse(registry.Scrape()).Value("process_open_fds");
  const int copy = dup(0);
  ASSERT_GE(copy, 0);
  EXPECT_EQ(Exposition::Parse(registry.Scrape()).Value("process_open_fds"), before + 1);
  close(copy);
}

TEST(ExpositionParser, RefusesWhatIsNotTheFormat) {
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  EXPECT_EQ(Exposition::Parse(head + "a_total{b=\"c\"} 1\n").Value("a_total", {{"b", "c"}}), 1);
  for (const char* bad : {"a_total 1", "a_total{b=\"c} 1\n", "a_total{b=\"\\x\"} 1\n", "a_total{1b=\"c\"} 1\n",
                          "a_total{b=\"c\",b=\"d\"} 1\n", "a_total one\n", "a_total -1\n", "b_total 1\n",
                          "a_total 1\na_total 1\n", "a_total 0x10\n", "a_total{} 1\n"}) {
    EXPECT_THROW(Exposition::Parse(head + bad), std::runtime_error) << bad;
  }
  const std::string histogram = "# HELP h x\n# TYPE h histogram\nh_count 3\nh_sum 1\n";
  EXPECT_EQ(Exposition::Parse(histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\n").Value("h_count"), 3);
  EXPECT_THROW(Exposition::Parse(histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 2\n"), std::runtime_error);
  EXPECT_THROW(Exposition::Parse(histogram + "h_bucket{le=\"1\"} 4\nh_bucket{le=\"+Inf\"} 3\n"), std::runtime_error);
  EXPECT_THROW(Exposition::Parse(histogram + "h_bucket{le=\"1\"} 3\n"), std::runtime_error);
}

}  // namespace
}  // namespace strata
