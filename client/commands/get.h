// `strata get ID`: what a snapshot says about one customer.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddGetCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
