// `strata runs list|show|cancel`: what ran, how it ended.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddRunsCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
