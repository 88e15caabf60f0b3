// Counters, gauges and histograms that a Prometheus server reads. A registry is made by a main and handed on by
// reference; whoever counts keeps references to its metrics, so that counting is an atomic addition and nothing else:
// no lock, no lookup, no label text. There are no global metrics.
//
//   MetricsRegistry registry;
//   auto& calls = registry.AddCounter({"strata_calls_total", "Calls answered.", {"method"}});
//   Counter& get = calls.With({"GetScore"});   // once
//   get.Add();                                 // as often as you like
//
// Metrics live as long as their registry. Thread-safe.
#pragma once

#include <prometheus/collectable.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace strata {

// Series of one family. A label's values may come from outside (job names, reasons); what comes after this many is
// counted together in a series whose labels are all kOtherLabel.
inline constexpr size_t kMaxSeriesPerFamily = 512;
inline constexpr char kOtherLabel[] = "other";

// Threads that count at once write to different cache lines; more lines than cores cost only memory.
inline constexpr size_t kMetricCells = 16;

// Which cell the calling thread writes to. Threads may share one: their additions are atomic.
size_t MetricCell();

// Only rises; starts at 0 with the process.
class Counter {
 public:
  void Add(uint64_t n = 1) { cells_[MetricCell()].value.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<uint64_t> value = 0;
  };
  std::array<Cell, kMetricCells> cells_;
};

// What is at this moment: set by one owner, or added to and taken from by many (Add, which is as cheap as Counter's).
// Use one of the two ways for a gauge, not both.
class Gauge {
 public:
  void Set(double value) { set_.store(value, std::memory_order_relaxed); }
  void Add(int64_t n) { cells_[MetricCell()].value.fetch_add(n, std::memory_order_relaxed); }
  double value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<int64_t> value = 0;
  };
  std::atomic<double> set_ = 0;
  std::array<Cell, kMetricCells> cells_;
};

// Durations in buckets. Bounds are in nanoseconds, rising, and inclusive, as Prometheus' `le` is.
class Histogram {
 public:
  // Precondition: bounds rise strictly; at most kMaxBuckets of them.
  explicit Histogram(std::vector<int64_t> bounds_ns);
  static constexpr size_t kMaxBuckets = 31;

  void ObserveNs(int64_t ns);

  struct Counts {
    std::vector<uint64_t> buckets;  // by bound, not cumulative; one more for everything above the last
    int64_t sum_ns = 0;
  };
  Counts counts() const;
  const std::vector<int64_t>& bounds_ns() const { return bounds_ns_; }

 private:
  struct alignas(64) Cell {
    std::array<std::atomic<uint64_t>, kMaxBuckets + 1> buckets = {};
    std::atomic<int64_t> sum_ns = 0;
  };
  std::vector<int64_t> bounds_ns_;
  std::unique_ptr<std::array<Cell, kMetricCells>> cells_;
};

// 1-2-5 steps from 1 us to 10 s: what a handler takes, and what a stall takes.
std::vector<int64_t> CallBucketsNs();
// 1-2.5-5 steps from 10 ms to 5 h: tasks and stages.
std::vector<int64_t> WorkBucketsNs();

enum class MetricKind { kCounter, kGauge, kHistogram };
const char* Name(MetricKind kind);  // "counter", ...

struct MetricInfo {
  std::string name;  // strata_..., base units; counters end in _total
  std::string help;  // one sentence
  std::vector<std::string> labels;
};

// The metrics of one name. With takes a lock: call it once per series and keep the reference.
template <typename Metric>
class MetricFamily {
 public:
  // Values in the order of MetricInfo::labels, one for each. Bytes that are not UTF-8 become "?".
  Metric& With(const std::vector<std::string>& values);
  // The value of the only series of a family without labels.
  Metric& only() { return With({}); }

 private:
  friend class MetricsRegistry;
  MetricFamily(MetricInfo info, std::function<std::unique_ptr<Metric>()> make)
      : info_(std::move(info)), make_(std::move(make)) {}

  MetricInfo info_;
  std::function<std::unique_ptr<Metric>()> make_;
  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, std::unique_ptr<Metric>> series_;  // guarded by mutex_; never removed
};

// A value that is read when somebody asks.
struct Sample {
  std::vector<std::string> labels;
  double value = 0;
};

class MetricsRegistry final : public prometheus::Collectable {
 public:
  MetricsRegistry();
  ~MetricsRegistry() override;
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // A family; asking again for a known name returns the same one. Precondition: the same kind and labels.
  MetricFamily<Counter>& AddCounter(MetricInfo info);
  MetricFamily<Gauge>& AddGauge(MetricInfo info);
  MetricFamily<Histogram>& AddHistogram(MetricInfo info, std::vector<int64_t> bounds_ns);

  // A family whose samples are read anew for every scrape, on the scraping thread; of more than kMaxSeriesPerFamily the
  // first ones are shown and strata_metrics_left_out counts the others. `read` must not block and must not use the
  // registry. It is called until the returned handle is destroyed, which waits for a call under way.
  class Reading;
  [[nodiscard]] std::unique_ptr<Reading> AddReading(MetricInfo info, MetricKind kind,
                                                    std::function<std::vector<Sample>()> read);

  // All of it in Prometheus' text format.
  std::string Scrape() const;
  std::vector<prometheus::MetricFamily> Collect() const override;

  // What there is, by name: for the manual.
  struct Description {
    MetricInfo info;
    MetricKind kind = MetricKind::kCounter;
  };
  std::vector<Description> Describe() const;

 private:
  struct Family;
  Family& Find(const MetricInfo& info, MetricKind kind);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;  // by name; guarded by mutex_
};

// See MetricsRegistry::AddReading. The registry must outlive it.
class MetricsRegistry::Reading {
 public:
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  friend class MetricsRegistry;
  explicit Reading(Family* family) : family_(family) {}
  Family* family_;
};

}  // namespace strata
