// `strata serve`: answers from a state folder on a port.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddServeCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
