// `strata run JOB.yaml`: one execution of a job, in this process or on a cluster.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddRunCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
