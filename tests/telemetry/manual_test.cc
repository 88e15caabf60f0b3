// docs/metrics.md lists every metric that the programs have, and no other: the tables in it are made from the code.
// After a change, run this test with STRATA_WRITE_MANUAL=1 from the root of the project; it writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/telemetry/process_metrics.h"
#include "coordinator/coordinator_metrics.h"
#include "serving/serving_metrics.h"
#include "store/counting_metadata.h"
#include "store/counting_object_store.h"
#include "tests/base/fake_clock.h"
#include "worker/worker_metrics.h"

namespace strata {
namespace {

constexpr char kManual[] = "docs/metrics.md";

// Every registry has this one; it is listed once.
constexpr char kOfRegistry[] = "strata_metrics_left_out";

std::string Table(const MetricsRegistry& registry, bool with_registry = false) {
  std::string table = "| name | kind | labels | what |\n| --- | --- | --- | --- |\n";
  for (const auto& each : registry.Describe()) {
    if (each.info.name == kOfRegistry && !with_registry) continue;
    std::string labels;
    for (const std::string& label : each.info.labels) labels += (labels.empty() ? "`" : ", `") + label + "`";
    table += "| `" + each.info.name + "` | " + Name(each.kind) + " | " + labels + " | " + each.info.help + " |\n";
  }
  return table;
}

// The manual with the table between the markers of `section` replaced.
std::string WithTable(const std::string& manual, const std::string& section, const std::string& table) {
  const std::string begin = "<!-- metrics: " + section + " -->\n";
  const std::string end = "<!-- end -->\n";
  const size_t at = manual.find(begin);
  EXPECT_NE(at, std::string::npos) << section;
  if (at == std::string::npos) return manual;
  const size_t until = manual.find(end, at);
  EXPECT_NE(until, std::string::npos) << section;
  if (until == std::string::npos) return manual;
  return manual.substr(0, at + begin.size()) + table + manual.substr(until);
}

std::string Everything(const std::string& text) {
  const FakeClock clock;
  std::string manual = text;
  {
    MetricsRegistry registry;
    const ProcessMetrics process({}, &registry);
    manual = WithTable(manual, "every program", Table(registry, true));
  }
  {
    MetricsRegistry registry;
    const SnapshotCatalogue catalogue(nullptr, nullptr);
    const ServingMetrics serving(&registry, &catalogue, &clock);
    manual = WithTable(manual, "serving", Table(registry));
  }
  {
    MetricsRegistry registry;
    RunHost host({.sources = nullptr, .objects = nullptr, .metadata = nullptr, .clock = &clock}, {}, {});
    CoordinatorMetrics coordinator(&registry);
    coordinator.Watch(&host);
    CountCommits(nullptr, &registry);
    manual = WithTable(manual, "coordinator", Table(registry));
    coordinator.Unwatch();
  }
  {
    MetricsRegistry registry;
    const WorkerMetrics worker(1, &registry, &clock);
    manual = WithTable(manual, "worker", Table(registry));
  }
  {
    MetricsRegistry registry;
    CountObjects(nullptr, &registry);
    manual = WithTable(manual, "objects", Table(registry));
  }
  return manual;
}

TEST(MetricsManual, ListsWhatThereIs) {
  std::ostringstream text;
  text << std::ifstream(kManual).rdbuf();
  ASSERT_FALSE(text.str().empty()) << kManual;
  const std::string right = Everything(text.str());
  if (std::getenv("STRATA_WRITE_MANUAL") != nullptr) std::ofstream(kManual) << right;
  EXPECT_EQ(text.str(), right);
}

TEST(MetricsManual, NamesFollowPrometheusConventions) {
  MetricsRegistry registry;
  const FakeClock clock;
  const SnapshotCatalogue catalogue(nullptr, nullptr);
  RunHost host({.sources = nullptr, .objects = nullptr, .metadata = nullptr, .clock = &clock}, {}, {});
  const ServingMetrics serving(&registry, &catalogue, &clock);
  CoordinatorMetrics coordinator(&registry);
  coordinator.Watch(&host);
  const WorkerMetrics worker(1, &registry, &clock);
  CountCommits(nullptr, &registry);
  CountObjects(nullptr, &registry);
  for (const auto& each : registry.Describe()) {
    const std::string& name = each.info.name;
    EXPECT_TRUE(name.starts_with("strata_")) << name;
    EXPECT_EQ(each.kind == MetricKind::kCounter, name.ends_with("_total")) << name;
    if (each.kind == MetricKind::kHistogram) {
      EXPECT_TRUE(name.ends_with("_seconds")) << name;
    }
    EXPECT_TRUE(each.info.help.ends_with(".")) << name;
    for (const char* wrong : {"_ms", "_millis", "_micros", "_kb", "_mb"}) {
      EXPECT_EQ(name.find(wrong), std::string::npos) << name;
    }
  }
}

}  // namespace
}  // namespace strata
