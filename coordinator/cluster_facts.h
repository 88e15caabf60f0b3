// What the coordinator answers to ClusterService. Thread-safe as far as the host is.
#pragma once

#include <string>

#include "coordinator/run_host.h"
#include "wire/cluster_status.h"

namespace strata {

CoordinatorFacts ClusterFactsOf(RunHost* host, const Leadership& leadership, const std::string& holder);

}  // namespace strata
