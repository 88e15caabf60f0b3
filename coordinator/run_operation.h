// A run as a google.longrunning.Operation. Pure functions apart from what they ask the host; thread-safe.
#pragma once

#include "coordinator/run_host.h"

namespace google::longrunning {
class Operation;
}

namespace strata {

void FillOperation(RunHost* host, const RunSummary& summary, google::longrunning::Operation* operation);

}  // namespace strata
