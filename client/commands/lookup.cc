#include "client/commands/lookup.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "client/exit_status.h"
#include "client/id_file.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/numbers.h"
#include "client/text/score_card.h"

namespace strata {
namespace {

struct LookupFlags {
  StateFlags state;
  std::string ids;
};

// One chunk of ids. Those that cannot be customer ids are not sent: they could fail the others.
absl::Status LookupChunk(Session& session, const std::vector<std::string>& ids, LookupAnswer* answer) {
  std::vector<std::string> sent;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(sent),
               [](const std::string& id) { return IsCustomerId(id); });
  size_t next = 0;
  LookupAnswer chunk;
  if (!sent.empty()) {
    STRATA_ASSIGN_OR_RETURN(chunk, session.connection->Lookup(session.snapshot, sent));
    // All chunks come from the snapshot that answered the first, whatever is published meanwhile.
    session.snapshot.number = chunk.info.number;
    answer->info = chunk.info;
  }
  for (const std::string& id : ids) {
    if (IsCustomerId(id)) {
      answer->lines.push_back(chunk.lines[next++]);
    } else {
      answer->lines.push_back({.outcome = LookupOutcome::kInvalidId, .score = {}});
    }
  }
  return absl::OkStatus();
}

int Lookup(const LookupFlags& flags, const Console& console) {
  int64_t empty_lines = 0;
  const auto ids = ReadIdFile(flags.ids, std::cin, &empty_lines);
  if (!ids.ok()) {
    Fail(console, ids.status(), flags.state.json);
    return kExitBadInput;
  }
  auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), flags.state.json);
  LookupAnswer answer;
  for (size_t begin = 0; begin < ids->size(); begin += kMaxLookupIds) {
    const size_t end = std::min(ids->size(), begin + kMaxLookupIds);
    const std::vector<std::string> chunk(ids->begin() + static_cast<ptrdiff_t>(begin),
                                         ids->begin() + static_cast<ptrdiff_t>(end));
    if (const absl::Status status = LookupChunk(*session, chunk, &answer); !status.ok()) {
      return Fail(console, status, flags.state.json);
    }
  }
  if (answer.info.job.empty()) {
    // No id was worth a question; the answer still says which snapshot it is about.
    const auto segments = session->connection->Segments(session->snapshot);
    if (!segments.ok()) return Fail(console, segments.status(), flags.state.json);
    answer.info = segments->info;
  }
  const auto found = std::count_if(answer.lines.begin(), answer.lines.end(),
                                   [](const LookupLine& line) { return line.outcome == LookupOutcome::kFound; });
  if (flags.state.json) {
    console.PrintLine(LookupJson(answer.info, *ids, answer.lines));
  } else {
    console.Print(LookupTable(*ids, answer.lines, answer.info.currency));
    console.Print("\n" + AnswerLine(answer.info));
  }
  console.Note(fmt::format(
      "{} of {} found{}", Grouped(found), Counted(static_cast<int64_t>(ids->size()), "id", "ids"),
      empty_lines > 0 ? fmt::format("; {} left out", Counted(empty_lines, "empty line", "empty lines")) : ""));
  return kExitDone;
}

}  // namespace

void AddLookupCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<LookupFlags>();
  CLI::App* command = program->add_subcommand("lookup", "what is known and expected of many customers");
  command->add_option("--ids", flags->ids, "a file with one customer id a line; - for the standard input")
      ->required()
      ->type_name("FILE");
  AddStateFlags(command, &flags->state);
  AddSnapshotFlag(command, &flags->state);
  command->footer(
      "Every id has a status of its own: found, not_found or invalid_id. All answers come from one snapshot.\n\n"
      "Examples:\n"
      "  strata lookup --ids ids.txt\n"
      "  cut -d, -f1 orders.csv | strata lookup --ids - --json");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Lookup(*flags, context->console); }; });
}

}  // namespace strata
