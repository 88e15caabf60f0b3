// `strata report`: the analyses of a snapshot, listed, shown or written to a file.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddReportCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
