// `strata ledger rebuild|export`: the rows of a ledger, in and out.
#pragma once

namespace CLI {
class App;
}

namespace strata {

struct CommandContext;

// Adds the two to the group `strata ledger`; `context` must outlive it.
void AddLedgerRowsCommands(CLI::App* group, CommandContext* context);

}  // namespace strata
