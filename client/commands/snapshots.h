// `strata snapshots list|digest|verify|diff|activate|delete`: which snapshots there are, and which one answers.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddSnapshotsCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
