// `strata bench`: how much a server can carry, and whether it answers right meanwhile.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddBenchCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
