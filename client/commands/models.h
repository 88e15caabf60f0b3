// `strata models`: what was fitted, with its quality.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddModelsCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
