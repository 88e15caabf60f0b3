#include "base/telemetry/metrics.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <locale>
#include <sstream>

#include "base/utf8.h"

namespace strata {
namespace {

constexpr double kSecondsPerNs = 1e-9;
constexpr int64_t kMicrosecondNs = 1'000;
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr char kLeftOut[] = "strata_metrics_left_out";

std::string LabelText(const std::string& value) {
  std::string text;
  for (size_t i = 0; i < value.size();) {
    const size_t bytes = Utf8SequenceBytes(value, i);
    text += bytes == 0 ? std::string("?") : value.substr(i, bytes);
    i += std::max<size_t>(1, bytes);
  }
  return text;
}

// A mistake in the program: two parts of it mean different things by one name.
[[noreturn]] void Clash(const std::string& name) {
  fmt::print(stderr, "metric {} is described twice, differently\n", name);
  std::abort();
}

prometheus::ClientMetric Labelled(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  prometheus::ClientMetric metric;
  for (size_t i = 0; i < names.size(); ++i) metric.label.push_back({names[i], values[i]});
  return metric;
}

void Fill(const Counter& counter, prometheus::ClientMetric* metric) {
  metric->counter.value = static_cast<double>(counter.value());
}
void Fill(const Gauge& gauge, prometheus::ClientMetric* metric) { metric->gauge.value = gauge.value(); }
void Fill(const Histogram& histogram, prometheus::ClientMetric* metric) {
  const Histogram::Counts counts = histogram.counts();
  uint64_t cumulative = 0;
  for (size_t i = 0; i < histogram.bounds_ns().size(); ++i) {
    cumulative += counts.buckets[i];
    metric->histogram.bucket.push_back(
        {.cumulative_count = cumulative, .upper_bound = static_cast<double>(histogram.bounds_ns()[i]) * kSecondsPerNs});
  }
  metric->histogram.sample_count = cumulative + counts.buckets.back();
  metric->histogram.sample_sum = static_cast<double>(counts.sum_ns) * kSecondsPerNs;
}

prometheus::MetricType TypeOf(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return prometheus::MetricType::Counter;
    case MetricKind::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::kHistogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

}  // namespace

const char* Name(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      break;
  }
  return "histogram";
}

size_t MetricCell() {
  // Every thread has its own copy of this byte, so its address tells threads apart without any shared state.
  // Aligned, because linkers may begin the pages that become read-only after relocation at the thread-local section: a
  // few odd bytes before such a page they would include one that is not there, and the program does not start.
  alignas(std::max_align_t) thread_local char mark = 0;
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio: spreads addresses that differ in few bits
  static_assert(kMetricCells == 16, "the hash's upper four bits");
  return static_cast<size_t>((reinterpret_cast<uintptr_t>(&mark) * kOdd) >> 60);
}

uint64_t Counter::value() const {
  uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

double Gauge::value() const {
  int64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return set_.load(std::memory_order_relaxed) + static_cast<double>(sum);
}

Histogram::Histogram(std::vector<int64_t> bounds_ns)
    : bounds_ns_(std::move(bounds_ns)), cells_(std::make_unique<std::array<Cell, kMetricCells>>()) {
  if (bounds_ns_.empty() || bounds_ns_.size() > kMaxBuckets) std::abort();
}

void Histogram::ObserveNs(int64_t ns) {
  const auto bound = std::lower_bound(bounds_ns_.begin(), bounds_ns_.end(), ns);
  Cell& cell = (*cells_)[MetricCell()];
  cell.buckets[static_cast<size_t>(bound - bounds_ns_.begin())].fetch_add(1, std::memory_order_relaxed);
  cell.sum_ns.fetch_add(ns, std::memory_order_relaxed);
}

Histogram::Counts Histogram::counts() const {
  Counts counts{.buckets = std::vector<uint64_t>(bounds_ns_.size() + 1), .sum_ns = 0};
  for (const Cell& cell : *cells_) {
    for (size_t i = 0; i < counts.buckets.size(); ++i) {
      counts.buckets[i] += cell.buckets[i].load(std::memory_order_relaxed);
    }
    counts.sum_ns += cell.sum_ns.load(std::memory_order_relaxed);
  }
  return counts;
}

std::vector<int64_t> CallBucketsNs() {
  std::vector<int64_t> bounds;
  for (int64_t decade = kMicrosecondNs; decade < 10 * kSecondNs; decade *= 10) {
    for (const int64_t step : {1, 2, 5}) bounds.push_back(decade * step);
  }
  bounds.push_back(10 * kSecondNs);
  return bounds;
}

std::vector<int64_t> WorkBucketsNs() {
  constexpr int64_t kMs = 1'000'000;
  std::vector<int64_t> bounds;
  for (int64_t decade = 10 * kMs; decade <= 10 * kSecondNs; decade *= 10) {
    for (const int64_t tenths : {10, 25, 50}) bounds.push_back(decade * tenths / 10);
  }
  for (const int64_t minutes : {2, 5, 10, 30, 60, 120, 300}) bounds.push_back(minutes * 60 * kSecondNs);
  return bounds;
}

template <typename Metric>
Metric& MetricFamily<Metric>::With(const std::vector<std::string>& values) {
  if (values.size() != info_.labels.size()) Clash(info_.name);
  const std::lock_guard lock(mutex_);
  std::vector<std::string> labels;
  for (const std::string& value : values) labels.push_back(LabelText(value));
  const auto found = series_.find(labels);
  if (found != series_.end()) return *found->second;
  if (series_.size() >= kMaxSeriesPerFamily) {
    for (std::string& label : labels) label = kOtherLabel;
  }
  auto& metric = series_[std::move(labels)];
  if (metric == nullptr) metric = make_();
  return *metric;
}
template class MetricFamily<Counter>;
template class MetricFamily<Gauge>;
template class MetricFamily<Histogram>;

// Exactly one of the pointers is set, or `readings` is used.
struct MetricsRegistry::Family {
  MetricInfo info;
  MetricKind kind = MetricKind::kCounter;
  std::unique_ptr<MetricFamily<Counter>> counters;
  std::unique_ptr<MetricFamily<Gauge>> gauges;
  std::unique_ptr<MetricFamily<Histogram>> histograms;
  std::mutex mutex;                           // held while `read` is called
  std::function<std::vector<Sample>()> read;  // guarded by mutex

  template <typename Metric>
  static void Append(const MetricFamily<Metric>& family, prometheus::MetricFamily* out) {
    const std::lock_guard lock(family.mutex_);
    for (const auto& [labels, metric] : family.series_) {
      out->metric.push_back(Labelled(family.info_.labels, labels));
      Fill(*metric, &out->metric.back());
    }
  }

  // Returns how many samples were left out.
  size_t AppendReadings(prometheus::MetricFamily* out) {
    const std::lock_guard lock(mutex);
    if (!read) return 0;
    const std::vector<Sample> samples = read();
    const size_t shown = std::min(samples.size(), kMaxSeriesPerFamily);
    for (size_t i = 0; i < shown; ++i) {
      std::vector<std::string> labels;
      for (const std::string& value : samples[i].labels) labels.push_back(LabelText(value));
      if (labels.size() != info.labels.size()) Clash(info.name);
      out->metric.push_back(Labelled(info.labels, labels));
      (kind == MetricKind::kCounter ? out->metric.back().counter.value : out->metric.back().gauge.value) =
          samples[i].value;
    }
    return samples.size() - shown;
  }
};

MetricsRegistry::MetricsRegistry() {
  AddGauge({kLeftOut, "Series of the last scrape that were left out because a family had too many.", {}});
}
MetricsRegistry::~MetricsRegistry() = default;

MetricsRegistry::Family& MetricsRegistry::Find(const MetricInfo& info, MetricKind kind) {
  auto& family = families_[info.name];
  if (family == nullptr) {
    family = std::make_unique<Family>();
    family->info = info;
    family->kind = kind;
  } else if (family->kind != kind || family->info.labels != info.labels) {
    Clash(info.name);
  }
  return *family;
}

MetricFamily<Counter>& MetricsRegistry::AddCounter(MetricInfo info) {
  const std::lock_guard lock(mutex_);
  auto& family = Find(info, MetricKind::kCounter).counters;
  if (family == nullptr) {
    family.reset(new MetricFamily<Counter>(std::move(info), [] { return std::make_unique<Counter>(); }));
  }
  return *family;
}

MetricFamily<Gauge>& MetricsRegistry::AddGauge(MetricInfo info) {
  const std::lock_guard lock(mutex_);
  auto& family = Find(info, MetricKind::kGauge).gauges;
  if (family == nullptr) {
    family.reset(new MetricFamily<Gauge>(std::move(info), [] { return std::make_unique<Gauge>(); }));
  }
  return *family;
}

MetricFamily<Histogram>& MetricsRegistry::AddHistogram(MetricInfo info, std::vector<int64_t> bounds_ns) {
  const std::lock_guard lock(mutex_);
  auto& family = Find(info, MetricKind::kHistogram).histograms;
  if (family == nullptr) {
    family.reset(new MetricFamily<Histogram>(
        std::move(info), [bounds = std::move(bounds_ns)] { return std::make_unique<Histogram>(bounds); }));
  }
  return *family;
}

std::unique_ptr<MetricsRegistry::Reading> MetricsRegistry::AddReading(MetricInfo info, MetricKind kind,
                                                                      std::function<std::vector<Sample>()> read) {
  const std::lock_guard lock(mutex_);
  Family& family = Find(info, kind);
  const std::lock_guard family_lock(family.mutex);
  if (family.read) Clash(info.name);
  family.read = std::move(read);
  return std::unique_ptr<Reading>(new Reading(&family));
}

MetricsRegistry::Reading::~Reading() {
  const std::lock_guard lock(family_->mutex);
  family_->read = nullptr;
}

std::vector<prometheus::MetricFamily> MetricsRegistry::Collect() const {
  const std::lock_guard lock(mutex_);
  std::vector<prometheus::MetricFamily> collected;
  size_t left_out = 0;
  for (const auto& [name, family] : families_) {
    if (name == kLeftOut) continue;
    prometheus::MetricFamily out{.name = name, .help = family->info.help, .type = TypeOf(family->kind), .metric = {}};
    if (family->counters != nullptr) Family::Append(*family->counters, &out);
    if (family->gauges != nullptr) Family::Append(*family->gauges, &out);
    if (family->histograms != nullptr) Family::Append(*family->histograms, &out);
    left_out += family->AppendReadings(&out);
    collected.push_back(std::move(out));
  }
  Family& last = *families_.at(kLeftOut);
  last.gauges->only().Set(static_cast<double>(left_out));
  prometheus::MetricFamily out{.name = kLeftOut, .help = last.info.help, .type = TypeOf(last.kind), .metric = {}};
  Family::Append(*last.gauges, &out);
  collected.push_back(std::move(out));
  return collected;
}

std::string MetricsRegistry::Scrape() const {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  prometheus::TextSerializer().Serialize(text, Collect());
  return text.str();
}

std::vector<MetricsRegistry::Description> MetricsRegistry::Describe() const {
  const std::lock_guard lock(mutex_);
  std::vector<Description> all;
  for (const auto& [name, family] : families_) all.push_back({family->info, family->kind});
  return all;
}

}  // namespace strata
