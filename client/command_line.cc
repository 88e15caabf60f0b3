#include "client/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/build_id.h"
#include "client/commands/bench.h"
#include "client/commands/export.h"
#include "client/commands/generate.h"
#include "client/commands/get.h"
#include "client/commands/ledger.h"
#include "client/commands/lookup.h"
#include "client/commands/models.h"
#include "client/commands/report.h"
#include "client/commands/run.h"
#include "client/commands/runs.h"
#include "client/commands/segments.h"
#include "client/commands/serve.h"
#include "client/commands/snapshots.h"
#include "client/commands/tables.h"
#include "client/commands/top.h"
#include "client/commands/validate.h"
#include "client/commands/version.h"
#include "client/exit_status.h"
#include "client/flags.h"
#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr int kOptionColumn = 28;  // flags with their type fit beside their description

void AddCommands(CLI::App* program, CommandContext* context) {
  AddRunCommand(program, context);
  AddValidateCommand(program, context);
  AddTablesCommand(program, context);
  AddServeCommand(program, context);
  AddGetCommand(program, context);
  AddLookupCommand(program, context);
  AddSegmentsCommand(program, context);
  AddExportCommand(program, context);
  AddModelsCommand(program, context);
  AddReportCommand(program, context);
  AddSnapshotsCommand(program, context);
  AddLedgerCommand(program, context);
  AddRunsCommand(program, context);
  AddGenerateCommand(program, context);
  AddBenchCommand(program, context);
  AddTopCommand(program, context);
  AddVersionCommand(program, context);
}

// The innermost command that was recognised, and its full name.
const CLI::App* Innermost(const CLI::App* app, std::string* name) {
  *name = app->get_name();
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    *name += " " + app->get_name();
  }
  return app;
}

// What an unexpected word may have meant: a flag of the command, or one of its subcommands.
std::string Guess(const CLI::App* command, const std::string& word) {
  std::vector<std::string> candidates;
  if (word.substr(0, 1) == "-") {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& flag : option->get_lnames()) candidates.emplace_back(fmt::format("--{}", flag));
    }
  } else {
    for (const CLI::App* subcommand : command->get_subcommands(nullptr)) candidates.push_back(subcommand->get_name());
  }
  return DidYouMean(word.substr(0, word.find('=')), candidates);
}

int ReportBadUsage(const CLI::App& program, const CLI::ParseError& error, std::ostream& err) {
  std::string name;
  const CLI::App* command = Innermost(&program, &name);
  const std::vector<std::string> unexpected = program.remaining(true);
  const bool wants_subcommand = !command->get_subcommands(nullptr).empty();
  std::string message = error.what();
  if (!unexpected.empty() && wants_subcommand && unexpected.front().substr(0, 1) != "-") {
    message = fmt::format("'{}' is no command of {}{}", unexpected.front(), name, Guess(command, unexpected.front()));
  } else if (!unexpected.empty()) {
    message = fmt::format("{} does not take '{}'{}", name, unexpected.front(), Guess(command, unexpected.front()));
  } else if (wants_subcommand) {
    message = fmt::format("{} wants a command", name);
  }
  const std::string outer = name.substr(0, name.size() - std::min(name.size(), command->get_name().size()));
  err << fmt::format("strata: error: {}\n{}Try `{} --help`.\n", message,
                     CLI::Formatter().make_usage(command, outer + command->get_name()), name);
  return kExitBadInput;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, std::ostream& out, std::ostream& err, Terminals terminals) {
  CommandContext context{
      .console = {.out = &out, .err = &err, .err_is_terminal = terminals.err, .out_is_terminal = terminals.out},
      .action = {}};
  CLI::App program("Re-segments a whole customer base and serves the result.", "strata");
  program.get_formatter()->column_width(kOptionColumn);
  program.require_subcommand(1);
  program.set_version_flag("--version", "strata " + BuildVersion(), "which build this is");
  program.footer(
      "Commands other than run, validate, tables, serve, generate and bench read a state folder (--state DIR, default "
      ".strata)\n"
      "or a server (--target HOST:PORT). `strata COMMAND --help` shows flags and examples.\n\n"
      "Exit status: 0 done; 2 bad usage, or a job, flag or source that cannot be read as described; 3 a threshold of\n"
      "`strata bench` missed; 1 everything else.\n\n"
      "Example:\n"
      "  strata run job.yaml && strata segments && strata serve");
  AddCommands(&program, &context);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      program.exit(error, out, err);
      return kExitDone;
    }
    return ReportBadUsage(program, error, err);
  }
  const int status = context.action();
  if (status != kExitDone || out.good()) return status;
  context.console.Note(
      "strata: error: not all of the result could be written to the standard output; its disk may be full");
  return kExitFailed;
}

}  // namespace strata
