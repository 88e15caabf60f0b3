// `strata generate`: a synthetic customer base with planted, documented truth.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddGenerateCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
