#include "client/commands/ledger_rows.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/commands/run.h"
#include "client/embedded/ledger_export.h"
#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/export_writer.h"
#include "client/json/score_json.h"
#include "client/run_options.h"
#include "client/session.h"
#include "client/text/numbers.h"
#include "client/text/run_report.h"

namespace strata {
namespace {

struct ExportFlags {
  StateFlags state;
  std::string out;
  std::string as_of;  // as typed; empty: absent
};

absl::StatusOr<LedgerExport> ExportTo(const ExportFlags& flags, std::string* job) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(flags.out));
  std::optional<Day> as_of;
  if (!flags.as_of.empty()) {
    const auto day = ParseDay(flags.as_of);
    if (!day.ok()) return FlagInvalid("--as-of", flags.as_of, std::string(StdView(day.status().message())));
    as_of = *day;
  }
  if (flags.state.remote())
    return FlagInvalid("--target", flags.state.target, "a ledger is exported where it lies; use --state DIR");
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, JobsInState(flags.state.place()));
  STRATA_ASSIGN_OR_RETURN(*job, ChooseJob(jobs, flags.state));
  return ExportLedgerInState(flags.state.place(), *job, as_of,
                             [&flags](const LedgerFacts& facts) { return NewLedgerWriter(flags.out, facts); });
}

int Export(const ExportFlags& flags, const Console& console) {
  std::string job;
  const auto exported = ExportTo(flags, &job);
  if (!exported.ok()) return Fail(console, exported.status(), flags.state.json);
  if (flags.state.json) {
    console.PrintLine(
        OneLine({{"job", job},
                 {"file", flags.out},
                 {"version", exported->version},
                 {"digest", exported->digest},
                 {"as_of", flags.as_of.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(flags.as_of)},
                 {"days", exported->days},
                 {"rows", exported->rows}}));
  } else {
    console.PrintLine(fmt::format("{}: {} of job {}, {} on them, ledger version {}", flags.out,
                                  Counted(exported->days, "customer day", "customer days"), job,
                                  Counted(exported->rows, "row", "rows"), exported->version));
  }
  return kExitDone;
}

int Rebuild(RunOptions options, const Console& console) {
  options.rebuild_ledger = true;
  options.ledger_only = true;
  const bool json = options.state.json;
  if (const absl::Status status = ReadRunFlags({}, &options); !status.ok()) return Fail(console, status, json);
  const auto summary = ExecuteJob(options, console);
  if (!summary.ok()) return Fail(console, summary.status(), json);
  const absl::Status error = ErrorOf(*summary);
  if (!error.ok()) console.Note("strata: error: " + std::string(StdView(error.message())));
  if (json) {
    console.PrintLine(summary->ToJson());
  } else if (error.ok()) {
    console.Print(
        fmt::format("Ledger version {} of job {} is built anew: {}, digest {}\n\nRows, whatever their date\n{}",
                    summary->ledger_version, summary->job, Counted(summary->customers, "customer", "customers"),
                    summary->ledger_digest, RowsTable(summary->rows)));
    for (const std::string& warning : summary->warnings) console.PrintLine("! " + warning);
  }
  return ExitStatusOf(error);
}

void AddRebuild(CLI::App* group, CommandContext* context) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      group->add_subcommand("rebuild", "read all sources of a job again into a new ledger version; computes no models");
  AddJobOptions(command, options.get());
  AddJsonFlag(command, &options->state.json);
  command->footer(
      "Equal sources give an equal digest, however many nights they had come in. What answers stays as it is; the "
      "next\n"
      "run reads the new version. A file that is gone from the source is gone from the new version too.\n\n"
      "Examples:\n"
      "  strata ledger rebuild job.yaml\n"
      "  strata ledger rebuild job.yaml --target coordinator.internal:7070");
  command->callback(
      [options, context] { context->action = [options, context] { return Rebuild(*options, context->console); }; });
}

void AddExport(CLI::App* group, CommandContext* context) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = group->add_subcommand("export", "all accepted rows, by customer and day, as CSV or Parquet");
  command->add_option("--out", flags->out, "the file to write; its ending says the format: .csv or .parquet")
      ->required()
      ->type_name("FILE");
  command->add_option("--as-of", flags->as_of, "the last day to write (default: all days)")->type_name("YYYY-MM-DD");
  AddStateFlags(command, &flags->state);
  command->footer(
      "A line is a customer's day over all files: the exact net, how many rows, how many of them returns, and whether "
      "it "
      "is\n"
      "a purchase. Lines come in the order of the ledger: shard, hash of the id, id, day. The file appears when it is\n"
      "complete; an old one of that name is replaced.\n\n"
      "Examples:\n"
      "  strata ledger export --out rows.parquet\n"
      "  strata ledger export --out rows.csv --as-of 2024-03-31 --state /var/lib/strata");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Export(*flags, context->console); }; });
}

}  // namespace

void AddLedgerRowsCommands(CLI::App* group, CommandContext* context) {
  AddRebuild(group, context);
  AddExport(group, context);
}

}  // namespace strata
