// `strata tables`: what the tables of a job are.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddTablesCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
