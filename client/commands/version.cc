#include "client/commands/version.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/build_id.h"
#include "client/exit_status.h"
#include "client/flags.h"
#include "client/json/score_json.h"
#include "data/ledger/ledger.h"
#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

int Version(bool json, const Console& console) {
  if (json) {
    console.PrintLine(OneLine({{"version", BuildVersion()},
                               {"build_id", BuildId()},
                               {"formats",
                                {{"ledger", kLedgerFormatVersion},
                                 {"snapshot", kSnapshotFormatVersion},
                                 {"lookup", kLookupFormatVersion}}}}));
  } else {
    console.PrintLine("strata " + BuildVersion());
  }
  return kExitDone;
}

}  // namespace

void AddVersionCommand(CLI::App* program, CommandContext* context) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = program->add_subcommand("version", "which build this is");
  AddJsonFlag(command, json.get());
  command->callback(
      [json, context] { context->action = [json, context] { return Version(*json, context->console); }; });
}

}  // namespace strata
