#include "client/commands/export.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/embedded/features_export.h"
#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/export_writer.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/flag_words.h"
#include "client/text/numbers.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr int64_t kNoteEveryRows = 1'000'000;  // a sign of life in logs, about every few seconds

struct ExportFlags {
  StateFlags state;
  std::string out;
  std::string what = "scores";
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

absl::StatusOr<FeaturesExport> ExportFeaturesTo(const ExportFlags& flags, std::string* job) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(flags.out));
  if (flags.state.remote()) {
    return FlagInvalid("--target", flags.state.target, "features are exported where they lie; use --state DIR");
  }
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, JobsInState(flags.state.place()));
  STRATA_ASSIGN_OR_RETURN(*job, ChooseJob(jobs, flags.state));
  return ExportFeaturesInState(flags.state.place(), *job, flags.state.snapshot,
                               [&flags](const ClusteredColumns& columns, const FeatureFacts& facts) {
                                 return NewFeaturesWriter(flags.out, columns, facts);
                               });
}

int ExportFeatures(const ExportFlags& flags, const Console& console) {
  std::string job;
  const auto exported = ExportFeaturesTo(flags, &job);
  if (!exported.ok()) return Fail(console, exported.status(), flags.state.json);
  const ClusteredColumns& columns = exported->columns;
  if (flags.state.json) {
    console.PrintLine(OneLine({{"job", job},
                               {"snapshot", exported->snapshot},
                               {"as_of", FormatDay(exported->as_of)},
                               {"file", flags.out},
                               {"customers", exported->customers},
                               {"features", columns.numbers},
                               {"categories", columns.categories},
                               {"grid_bits", columns.grid_bits}}));
  } else {
    const auto features = static_cast<int64_t>(columns.numbers.size() + columns.categories.size());
    console.PrintLine(fmt::format("{}: {} of {}, job {}, snapshot {} as of {}", flags.out,
                                  Counted(features, "feature", "features"),
                                  Counted(exported->customers, "clustered customer", "clustered customers"), job,
                                  exported->snapshot, FormatDay(exported->as_of)));
  }
  return kExitDone;
}

int Export(const ExportFlags& flags, const Console& console) {
  if (flags.what == "features") return ExportFeatures(flags, console);
  if (flags.what != "scores") {
    return Fail(console, FlagInvalid("--what", EscapeNonUtf8(flags.what), "must be scores or features"),
                flags.state.json);
  }
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
  CLI::App* command =
      program->add_subcommand("export", "all customers, or the features of their clusters, as CSV or Parquet");
  command->add_option("--out", flags->out, "the file to write; its ending says the format: .csv or .parquet")
      ->required()
      ->type_name("FILE");
  command->add_option("--what", flags->what, "scores (the default), or features: what clusters are made of")
      ->type_name("scores|features");
  AddStateFlags(command, &flags->state);
  AddSnapshotFlag(command, &flags->state);
  command->footer(
      "The file appears when it is complete; an old one of that name is replaced. Absent values are empty (CSV) or "
      "null\n"
      "(Parquet); net is exact; a cluster is given by its id.\n"
      "Features are those of the customers who were clustered, outliers among them: each as it was read and as "
      "scaled_...\n"
      "on the grid that distances are taken on. They are exported where the snapshot lies (--state).\n\n"
      "Examples:\n"
      "  strata export --out scores.parquet\n"
      "  strata export --out scores.csv --target scores.internal:7070 --snapshot 3\n"
      "  strata export --what features --out features.parquet");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Export(*flags, context->console); }; });
}

}  // namespace strata
