// `strata lookup --ids FILE`: what a snapshot says about many customers, a status per id.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddLookupCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
