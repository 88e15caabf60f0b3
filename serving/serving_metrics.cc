#include "serving/serving_metrics.h"

#include <absl/status/status.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace strata {
namespace {

constexpr double kMsPerSecond = 1e3;
constexpr double kSecondsPerDay = 86'400;

std::string CodeName(int code) {
  return std::string(StdView(absl::StatusCodeToString(static_cast<absl::StatusCode>(code))));
}

}  // namespace

CallMetrics::CallMetrics(std::string method, MetricFamily<Counter>* calls, Histogram* seconds, Gauge* in_flight)
    : method_(std::move(method)), family_(calls), seconds_(seconds), in_flight_(in_flight) {}

void CallMetrics::End(int code, int64_t ns) {
  const auto known = static_cast<size_t>(code >= 0 && code < kStatusCodes ? code : 2);  // 2: UNKNOWN
  Counter* calls = calls_[known].load(std::memory_order_acquire);
  if (calls == nullptr) {
    calls = &family_->With({method_, CodeName(static_cast<int>(known))});
    calls_[known].store(calls, std::memory_order_release);
  }
  calls->Add();
  seconds_->ObserveNs(ns);
  in_flight_->Add(-1);
}

MethodFacts CallMetrics::Facts() const {
  MethodFacts facts;
  facts.method = method_;
  for (size_t code = 0; code < calls_.size(); ++code) {
    const Counter* calls = calls_[code].load(std::memory_order_acquire);
    if (calls == nullptr) continue;
    const auto count = static_cast<int64_t>(calls->value());
    facts.calls += count;
    if (code != 0) facts.errors += count;
  }
  facts.in_flight = static_cast<int64_t>(in_flight_->value());
  facts.bounds_ns = seconds_->bounds_ns();
  const Histogram::Counts counts = seconds_->counts();
  facts.buckets.assign(counts.buckets.begin(), counts.buckets.end());
  return facts;
}

ServingMetrics::ServingMetrics(MetricsRegistry* registry, const SnapshotCatalogue* catalogue, const Clock* clock)
    : catalogue_(catalogue),
      clock_(clock),
      calls_(&registry->AddCounter(
          {"strata_serving_calls_total", "Calls answered, by gRPC method and status code.", {"method", "code"}})),
      seconds_(&registry->AddHistogram({"strata_serving_call_seconds",
                                        "Time from a handler's start to its answer, without the transport; of a "
                                        "stream, to its end.",
                                        {"method"}},
                                       CallBucketsNs())),
      in_flight_(&registry->AddGauge({"strata_serving_calls_in_flight", "Calls begun and not answered.", {"method"}})),
      switches_(&registry->AddCounter(
          {"strata_serving_switches_total", "Times another snapshot began to answer for a job.", {"job"}})) {
  auto& ids = registry->AddCounter(
      {"strata_serving_ids_total",
       "Customer ids looked up in a snapshot: found, not_found (no such customer), invalid (no possible id).",
       {"result"}});
  found_ = &ids.With({"found"});
  not_found_ = &ids.With({"not_found"});
  invalid_ = &ids.With({"invalid"});
  AddSnapshotReadings(registry);
}

CallMetrics* ServingMetrics::Method(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& method = methods_[name];
  if (method == nullptr) {
    method = std::make_unique<CallMetrics>(name, calls_, &seconds_->With({name}), &in_flight_->With({name}));
  }
  return method.get();
}

std::vector<ServedFacts> ServingMetrics::OnViewChanged() {
  std::vector<ServedFacts> changed = Snapshots();
  const std::lock_guard lock(mutex_);
  std::erase_if(changed, [this](const ServedFacts& served) {
    if (served.snapshot == 0) return true;
    Switched& known = switched_[served.job];
    if (known.snapshot == served.snapshot) return true;
    // The first snapshot after the start replaces none.
    Counter& switches = switches_->With({served.job});
    if (known.snapshot != 0) switches.Add();
    known = {.snapshot = served.snapshot, .loaded_ms = clock_->WallMs()};
    return false;
  });
  return changed;
}

void ServingMetrics::AddSnapshotReadings(MetricsRegistry* registry) {
  using Read = std::function<std::optional<double>(const ServedFacts&)>;
  const auto add = [this, registry](const char* name, const char* help, Read read) {
    readings_.push_back(registry->AddReading({name, help, {"job"}}, MetricKind::kGauge, [this, read = std::move(read)] {
      std::vector<Sample> samples;
      for (const ServedFacts& served : Snapshots()) {
        const std::optional<double> value = read(served);
        if (value.has_value()) samples.push_back({.labels = {served.job}, .value = *value});
      }
      return samples;
    }));
  };
  // For what only a loaded snapshot has.
  const auto of_loaded = [](double (*value)(const ServedFacts&)) -> Read {
    return [value](const ServedFacts& served) -> std::optional<double> {
      if (served.snapshot == 0) return std::nullopt;
      return value(served);
    };
  };
  add("strata_serving_snapshot_number", "Number of the snapshot that answers; 0 while there is none.",
      [](const ServedFacts& s) { return static_cast<double>(s.snapshot); });
  add("strata_serving_generation", "Generation of the current pointer as last read; 0 while there is none.",
      [](const ServedFacts& s) { return static_cast<double>(s.generation); });
  add("strata_serving_problem", "1 while the current snapshot is not the one that answers, else 0.",
      [](const ServedFacts& s) { return s.problem.empty() ? 0.0 : 1.0; });
  add("strata_serving_as_of_timestamp_seconds", "The as-of date of the snapshot that answers (its midnight, UTC).",
      of_loaded([](const ServedFacts& s) { return static_cast<double>(s.as_of) * kSecondsPerDay; }));
  add("strata_serving_published_timestamp_seconds", "When the snapshot that answers was published.",
      of_loaded([](const ServedFacts& s) { return static_cast<double>(s.published_ms) / kMsPerSecond; }));
  add("strata_serving_snapshot_age_seconds", "Age of the snapshot that answers, since its publication.",
      of_loaded([](const ServedFacts& s) { return static_cast<double>(s.age_ms) / kMsPerSecond; }));
  add("strata_serving_snapshot_rows", "Customers in the snapshot that answers.",
      of_loaded([](const ServedFacts& s) { return static_cast<double>(s.customers); }));
  add("strata_serving_loaded_timestamp_seconds", "When this process began to answer from the snapshot.",
      of_loaded([](const ServedFacts& s) { return static_cast<double>(s.loaded_ms) / kMsPerSecond; }));
  add("strata_last_publish_timestamp_seconds",
      "When the job's current snapshot was published, as its record says: it survives restarts.",
      [](const ServedFacts& s) -> std::optional<double> {
        if (s.current_published_ms == 0) return std::nullopt;
        return static_cast<double>(s.current_published_ms) / kMsPerSecond;
      });
}

std::vector<MethodFacts> ServingMetrics::Methods() const {
  std::vector<MethodFacts> facts;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, method] : methods_) {
    MethodFacts of_method = method->Facts();
    if (of_method.calls > 0 || of_method.in_flight > 0) facts.push_back(std::move(of_method));
  }
  return facts;
}

std::vector<ServedFacts> ServingMetrics::Snapshots() const {
  const auto view = catalogue_->view();
  const int64_t now_ms = clock_->WallMs();
  const std::lock_guard lock(mutex_);
  std::vector<ServedFacts> all;
  for (const auto& [job, state] : *view) {
    ServedFacts facts;
    facts.job = job;
    if (!state->problem.ok()) facts.problem = StdView(state->problem.message());
    if (state->pointer.has_value()) {
      facts.generation = state->pointer->generation;
      facts.current = state->pointer->snapshot;
      const auto record = state->records.find(state->pointer->snapshot);
      if (record != state->records.end()) facts.current_published_ms = record->second.published_ms;
    }
    if (state->current != nullptr) {
      const SnapshotRecord& record = state->current->record;
      facts.snapshot = record.number;
      facts.as_of = record.as_of;
      facts.published_ms = record.published_ms;
      facts.age_ms = std::max<int64_t>(0, now_ms - record.published_ms);
      facts.customers = record.customers;
      const auto switched = switched_.find(job);
      facts.loaded_ms = switched == switched_.end() ? now_ms : switched->second.loaded_ms;
    }
    all.push_back(std::move(facts));
  }
  return all;
}

}  // namespace strata
