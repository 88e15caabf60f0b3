// `strata version`: which build this is.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddVersionCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
