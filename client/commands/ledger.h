// `strata ledger show|digest|verify|compact|rebuild|export`: all accepted rows of a job and the files they came from.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the command to the program; `context` must outlive it.
void AddLedgerCommand(CLI::App* program, CommandContext* context);

}  // namespace strata
