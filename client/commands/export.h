// `strata export --out FILE`: all customers of a snapshot as CSV or Parquet.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddExportCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
