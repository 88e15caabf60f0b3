#include "client/commands/runs.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/lists.h"
#include "client/text/run_report.h"

namespace strata {
namespace {

struct RunsFlags {
  StateFlags state;
  int64_t number = 0;
};

// Over a state folder runs are read from its records: a job whose first run failed has no snapshot that a server knows.
absl::StatusOr<std::string> JobHere(const StateFlags& flags) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, JobsInState(flags.place()));
  return ChooseJob(jobs, flags);
}

absl::StatusOr<std::vector<RunSummary>> ReadRuns(const StateFlags& flags) {
  if (flags.remote()) {
    STRATA_ASSIGN_OR_RETURN(const Session session, OpenSession(flags));
    return session.connection->Runs(session.job);
  }
  STRATA_ASSIGN_OR_RETURN(const std::string job, JobHere(flags));
  return RunsInState(flags.place(), job);
}

absl::StatusOr<RunSummary> ReadRun(const RunsFlags& flags) {
  if (flags.state.remote()) {
    STRATA_ASSIGN_OR_RETURN(const Session session, OpenSession(flags.state));
    return session.connection->Run({.job = session.job, .number = flags.number});
  }
  STRATA_ASSIGN_OR_RETURN(const std::string job, JobHere(flags.state));
  return RunInState(flags.state.place(), job, flags.number);
}

absl::StatusOr<RunSummary> CancelRun(const RunsFlags& flags) {
  if (!flags.state.remote()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                     "a run over a state folder lives in the process that started it: end it there with Ctrl-C; "
                     "`strata runs cancel` is for a coordinator, named with --target",
                     {{"flag", "--target"}});
  }
  STRATA_ASSIGN_OR_RETURN(const Session session, OpenSession(flags.state));
  return session.connection->CancelRun({.job = session.job, .number = flags.number});
}

int List(const RunsFlags& flags, const Console& console) {
  const auto runs = ReadRuns(flags.state);
  if (!runs.ok()) return Fail(console, runs.status(), flags.state.json);
  if (flags.state.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const RunSummary& run : *runs) list.push_back(nlohmann::ordered_json::parse(run.ToJson()));
    console.PrintLine(OneLine({{"runs", std::move(list)}}));
  } else if (runs->empty()) {
    console.PrintLine("no runs");
  } else {
    console.Print(RunsTable(*runs));
  }
  return kExitDone;
}

int ShowSummary(const absl::StatusOr<RunSummary>& run, const RunsFlags& flags, const Console& console) {
  if (!run.ok()) return Fail(console, run.status(), flags.state.json);
  if (flags.state.json) {
    console.PrintLine(run->ToJson());
  } else {
    console.Print(RunReport(*run, nullptr, PlaceOf(flags.state)));
  }
  return kExitDone;
}

int Show(const RunsFlags& flags, const Console& console) { return ShowSummary(ReadRun(flags), flags, console); }
int Cancel(const RunsFlags& flags, const Console& console) { return ShowSummary(CancelRun(flags), flags, console); }

CLI::App* AddAction(CLI::App* group, const std::shared_ptr<RunsFlags>& flags, CommandContext* context,
                    const std::string& name, const std::string& description,
                    int (*action)(const RunsFlags&, const Console&)) {
  CLI::App* command = group->add_subcommand(name, description);
  if (name != "list") {
    AllowRange(command->add_option("N", flags->number, "the run's number")->required(), 1, kMaxNumber);
  }
  AddStateFlags(command, &flags->state);
  command->callback([flags, context, action] {
    context->action = [flags, context, action] { return action(*flags, context->console); };
  });
  return command;
}

}  // namespace

void AddRunsCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<RunsFlags>();
  CLI::App* group = program->add_subcommand("runs", "what ran, and how it ended");
  group->require_subcommand(1);
  AddAction(group, flags, context, "list", "all runs of a job, newest first", List);
  AddAction(group, flags, context, "show", "one run: its rows, its snapshot or its error", Show);
  AddAction(group, flags, context, "cancel", "ask a coordinator to end a run", Cancel);
  group->footer(
      "Examples:\n"
      "  strata runs list\n"
      "  strata runs show 7 --json\n"
      "  strata runs cancel 7 --target coordinator.internal:7070");
}

}  // namespace strata
