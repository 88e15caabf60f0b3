// A run as a google.longrunning.Operation. Pure functions apart from what they ask the host; thread-safe.
#pragma once

#include "coordinator/run_host.h"
#include "wire/runs.h"

namespace google::longrunning {
class Operation;
}

namespace strata {

// How far a run is, as operations and ClusterService tell it.
RunProgressFacts FactsOf(RunHost* host, const RunSummary& summary);
void FillOperation(RunHost* host, const RunSummary& summary, google::longrunning::Operation* operation);

}  // namespace strata
