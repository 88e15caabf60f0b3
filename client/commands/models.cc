#include "client/commands/models.h"

#include <CLI/CLI.hpp>

#include "client/exit_status.h"
#include "client/json/models_json.h"
#include "client/session.h"
#include "client/text/models_report.h"
#include "client/text/score_card.h"

namespace strata {
namespace {

int Models(const StateFlags& flags, const Console& console) {
  const auto session = OpenSession(flags);
  if (!session.ok()) return Fail(console, session.status(), flags.json);
  const auto answer = session->connection->Models(session->snapshot);
  if (!answer.ok()) return Fail(console, answer.status(), flags.json);
  if (flags.json) {
    console.PrintLine(ModelsJson(*answer));
  } else {
    console.Print(AnswerLine(answer->info) + "\n" + ModelsReport(answer->models, answer->info.currency, answer->active_customers));
  }
  return kExitDone;
}

}  // namespace

void AddModelsCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<StateFlags>();
  CLI::App* command = program->add_subcommand("models", "what was fitted, how well, and what it means");
  AddStateFlags(command, flags.get());
  AddSnapshotFlag(command, flags.get());
  command->footer(
      "With --json entry i of clustering.sizes and clustering.centroids is cluster i + 1.\n\n"
      "Examples:\n"
      "  strata models\n"
      "  strata models --json | jq .churn.grade");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Models(*flags, context->console); }; });
}

}  // namespace strata
