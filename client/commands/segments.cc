#include "client/commands/segments.h"

#include <CLI/CLI.hpp>

#include "client/exit_status.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/score_card.h"
#include "client/text/segments_table.h"

namespace strata {
namespace {

int Segments(const StateFlags& flags, const Console& console) {
  const auto session = OpenSession(flags);
  if (!session.ok()) return Fail(console, session.status(), flags.json);
  const auto answer = session->connection->Segments(session->snapshot);
  if (!answer.ok()) return Fail(console, answer.status(), flags.json);
  if (flags.json) {
    console.PrintLine(SegmentsJson(*answer));
  } else {
    console.Print(AnswerLine(answer->info) + "\n" + SegmentsTable(answer->segments, answer->info.currency));
  }
  return kExitDone;
}

}  // namespace

void AddSegmentsCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<StateFlags>();
  CLI::App* command = program->add_subcommand("segments", "segments and clusters with sizes and profiles");
  AddStateFlags(command, flags.get());
  AddSnapshotFlag(command, flags.get());
  command->footer(
      "Examples:\n"
      "  strata segments\n"
      "  strata segments --snapshot 3 --json");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Segments(*flags, context->console); }; });
}

}  // namespace strata
