// `strata top`: what a cluster is doing.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddTopCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
