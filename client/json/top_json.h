// `strata top --json`: a cluster's status as one line of JSON. What is absent is null. A pure function; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "client/method_rates.h"
#include "wire/cluster_status.h"

namespace strata {

std::string TopJson(const std::string& target, const ClusterStatus& status, const std::vector<MethodRates>& rates);

}  // namespace strata
