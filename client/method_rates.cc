#include "client/method_rates.h"

#include <algorithm>
#include <numeric>

namespace strata {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kMsPerSecond = 1e3;

const MethodFacts* Find(const ClusterStatus& status, const std::string& method) {
  const auto found = std::find_if(status.methods.begin(), status.methods.end(),
                                  [&method](const MethodFacts& facts) { return facts.method == method; });
  return found == status.methods.end() ? nullptr : &*found;
}

}  // namespace

double HistogramQuantile(const std::vector<int64_t>& bounds_ns, const std::vector<int64_t>& buckets, double q) {
  const int64_t total = std::accumulate(buckets.begin(), buckets.end(), int64_t{0});
  if (total <= 0 || bounds_ns.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double rank = q * static_cast<double>(total);
  double below = 0;
  for (size_t i = 0; i < bounds_ns.size(); ++i) {
    const auto count = static_cast<double>(buckets[i]);
    if (count > 0 && below + count >= rank) {
      const double lower = i == 0 ? 0 : static_cast<double>(bounds_ns[i - 1]);
      const double upper = static_cast<double>(bounds_ns[i]);
      return (lower + (upper - lower) * (rank - below) / count) / kNsPerSecond;
    }
    below += count;
  }
  return static_cast<double>(bounds_ns.back()) / kNsPerSecond;
}

std::vector<MethodRates> RatesOf(const ClusterStatus& now, const ClusterStatus* before) {
  const bool comparable = before != nullptr && before->started_ms == now.started_ms;
  const double seconds =
      static_cast<double>(now.now_ms - (comparable ? before->now_ms : now.started_ms)) / kMsPerSecond;
  std::vector<MethodRates> rates;
  for (const MethodFacts& facts : now.methods) {
    MethodRates rate{
        .method = facts.method, .calls = facts.calls, .errors = facts.errors, .in_flight = facts.in_flight};
    int64_t calls = facts.calls;
    std::vector<int64_t> buckets = facts.buckets;
    const MethodFacts* earlier = comparable ? Find(*before, facts.method) : nullptr;
    if (earlier != nullptr && earlier->bounds_ns == facts.bounds_ns) {
      calls -= earlier->calls;
      for (size_t i = 0; i < buckets.size(); ++i) buckets[i] -= earlier->buckets[i];
    }
    if (seconds > 0) rate.calls_per_second = static_cast<double>(calls) / seconds;
    rate.p50_seconds = HistogramQuantile(facts.bounds_ns, buckets, 0.5);
    rate.p99_seconds = HistogramQuantile(facts.bounds_ns, buckets, 0.99);
    rates.push_back(std::move(rate));
  }
  return rates;
}

}  // namespace strata
