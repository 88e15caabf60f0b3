// `strata validate JOB.yaml`: reads a job and a sample of its sources, computes nothing.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddValidateCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
