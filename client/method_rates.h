// Rates and quantiles of a server's methods, from two looks at its statistics. Pure functions; thread-safe.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "wire/cluster_status.h"

namespace strata {

struct MethodRates {
  std::string method;  // "strata.v1.ScoreService/GetScore"
  int64_t calls = 0;   // since the server started
  int64_t errors = 0;  // likewise
  int64_t in_flight = 0;
  // Of the time between the two looks, or since the server started where there is one look only. NaN: no calls in it.
  double calls_per_second = std::numeric_limits<double>::quiet_NaN();
  double p50_seconds = std::numeric_limits<double>::quiet_NaN();
  double p99_seconds = std::numeric_limits<double>::quiet_NaN();
};

// `before` is an earlier look at the same server, or null; one from before a restart counts for nothing.
std::vector<MethodRates> RatesOf(const ClusterStatus& now, const ClusterStatus* before);

// The q-quantile of a histogram, interpolated within its bucket as Prometheus does it; the last bound for what lies
// above it, NaN without calls. Precondition: one more bucket than bounds, 0 < q < 1.
double HistogramQuantile(const std::vector<int64_t>& bounds_ns, const std::vector<int64_t>& buckets, double q);

}  // namespace strata
