// `strata segments`: segments, clusters and classes with sizes and profiles.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddSegmentsCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
