// `strata run JOB.yaml`: one execution of a job, in this process or on a cluster.
#pragma once

#include "base/status.h"
#include "client/console.h"
#include "client/run_options.h"
#include "run/summary.h"

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Runs the job of `options` here or on its target, with progress on the standard error; the summary of a run that came
// to an end, however it did. Precondition: `options` are checked (ReadRunFlags).
absl::StatusOr<RunSummary> ExecuteJob(const RunOptions& options, const Console& console);

// The options of a command that runs a job: JOB.yaml, --state, --target, --workers, --threads. `options` must outlive
// the command.
void AddJobOptions(CLI::App* command, RunOptions* options);

// Adds the command to the program; `context` must outlive it.
void AddRunCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
