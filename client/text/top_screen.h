// What `strata top` shows: a cluster at a glance, as text. A pure function; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "client/method_rates.h"
#include "wire/cluster_status.h"

namespace strata {

inline constexpr size_t kMaxWorkersShown = 24;  // more do not fit a screen; --json has all

std::string TopScreen(const std::string& target, const ClusterStatus& status, const std::vector<MethodRates>& rates);

// "850 ns", "12 us", "1.3 ms", "2.1 s"; "-" for NaN.
std::string Latency(double seconds);

}  // namespace strata
