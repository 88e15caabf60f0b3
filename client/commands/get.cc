#include "client/commands/get.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/exit_status.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/score_card.h"
#include "wire/text.h"

namespace strata {
namespace {

struct GetFlags {
  StateFlags state;
  std::string customer_id;
};

int Get(const GetFlags& flags, const Console& console) {
  if (!IsCustomerId(flags.customer_id)) {
    return Fail(
        console,
        MakeError(absl::StatusCode::kInvalidArgument, "CUSTOMER_ID_INVALID",
                  fmt::format("ID '{}': a customer id is 1 to {} bytes of UTF-8",
                              EscapeNonUtf8(flags.customer_id.substr(0, kMaxQuestionIdBytes)), kMaxQuestionIdBytes)),
        flags.state.json);
  }
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), flags.state.json);
  const auto answer = session->connection->GetScore(session->snapshot, flags.customer_id);
  if (!answer.ok()) return Fail(console, answer.status(), flags.state.json);
  if (flags.state.json) {
    console.PrintLine(GetJson(flags.customer_id, *answer));
    return kExitDone;
  }
  // The card says what horizons mean where it can; without the models it is still right.
  const auto models = session->connection->Models({.job = session->job, .number = answer->info.number});
  console.Print(ScoreCard(flags.customer_id, *answer, models.ok() ? &models->models : nullptr));
  return kExitDone;
}

}  // namespace

void AddGetCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<GetFlags>();
  CLI::App* command = program->add_subcommand("get", "what is known and expected of one customer");
  command->add_option("ID", flags->customer_id, "the customer's id, as in the source")->required();
  AddStateFlags(command, &flags->state);
  AddSnapshotFlag(command, &flags->state);
  command->footer(
      "An unknown customer is exit status 1. Clusters are counted from 1.\n\n"
      "Examples:\n"
      "  strata get 00042\n"
      "  strata get 00042 --target scores.internal:7070 --json\n"
      "  strata get -- -17            an id that begins with a dash");
  command->callback([flags, context] { context->action = [flags, context] { return Get(*flags, context->console); }; });
}

}  // namespace strata
