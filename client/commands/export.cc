#include "client/commands/export.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/exit_status.h"
#include "client/export_writer.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr int64_t kNoteEveryRows = 1'000'000;  // a sign of life in logs, about every few seconds

struct ExportFlags {
  StateFlags state;
  std::string out;
};

struct Exported {
  AnswerFacts info;
  int64_t customers = 0;
};

absl::StatusOr<Exported> ExportTo(const ExportFlags& flags, const Console& console) {
  // The file first: a name that will not do should not cost a connection.
  STRATA_ASSIGN_OR_RETURN(const auto writer, NewExportWriter(flags.out));
  STRATA_ASSIGN_OR_RETURN(const Session session, OpenSession(flags.state));
  Exported exported;
  int64_t noted = 0;
  const auto on_chunk = [&](const ExportChunk& chunk) {
    exported.info = chunk.info;
    exported.customers += static_cast<int64_t>(chunk.rows.size());
    if (exported.customers - noted >= kNoteEveryRows) {
      noted = exported.customers;
      console.Note(fmt::format("{} of {}", Grouped(exported.customers), Grouped(chunk.customers_total)));
    }
    return writer->Write(chunk);
  };
  STRATA_RETURN_IF_ERROR(session.connection->Export(session.snapshot, on_chunk));
  STRATA_RETURN_IF_ERROR(writer->Finish());
  return exported;
}

int Export(const ExportFlags& flags, const Console& console) {
  const auto exported = ExportTo(flags, console);
  if (!exported.ok()) return Fail(console, exported.status(), flags.state.json);
  if (flags.state.json) {
    nlohmann::ordered_json json = InfoJson(exported->info);
    json["file"] = flags.out;
    json["customers"] = exported->customers;
    console.PrintLine(OneLine(json));
  } else {
    console.PrintLine(fmt::format("{}: {} of job {}, snapshot {} as of {}, amounts in {}", flags.out,
                                  Counted(exported->customers, "customer", "customers"), exported->info.job,
                                  exported->info.number, FormatDay(exported->info.as_of), exported->info.currency));
  }
  return kExitDone;
}

}  // namespace

void AddExportCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = program->add_subcommand("export", "all customers as CSV or Parquet");
  command->add_option("--out", flags->out, "the file to write; its ending says the format: .csv or .parquet")
      ->required()
      ->type_name("FILE");
  AddStateFlags(command, &flags->state);
  AddSnapshotFlag(command, &flags->state);
  command->footer(
      "The file appears when it is complete; an old one of that name is replaced. Absent values are empty (CSV) or "
      "null\n"
      "(Parquet); net is exact; clusters are counted from 1.\n\n"
      "Examples:\n"
      "  strata export --out scores.parquet\n"
      "  strata export --out scores.csv --target scores.internal:7070 --snapshot 3");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Export(*flags, context->console); }; });
}

}  // namespace strata
