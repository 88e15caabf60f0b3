#include "client/commands/report.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/exit_status.h"
#include "client/export_writer.h"
#include "client/json/report_json.h"
#include "client/json/score_json.h"
#include "client/report_file.h"
#include "client/session.h"
#include "client/text/numbers.h"
#include "client/text/report_text.h"
#include "client/text/score_card.h"
#include "data/reports/reports_markdown.h"
#include "wire/names.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr char kList[] = "list";

struct ReportFlags {
  StateFlags state;
  std::string report;  // or kList
  std::string out;     // empty: print
  bool markdown = false;
};

absl::Status CheckFlags(const ReportFlags& flags) {
  if (!ParseReportName("NAME", ReportResource("any", flags.report)).ok()) {
    return FlagInvalid("NAME", EscapeNonUtf8(flags.report.substr(0, kMaxReportNameBytes)),
                       "a report's name is lower-case letters, digits, '_' and '-'; `strata report list` shows them");
  }
  if (!flags.out.empty()) {
    if (flags.report == kList) return FlagInvalid("--out", flags.out, "writes a report, not the list of them");
    STRATA_RETURN_IF_ERROR(CheckExportPath(flags.out));
  }
  if (!flags.markdown) return absl::OkStatus();
  if (flags.report != kList)
    return FlagInvalid("--markdown", "with " + flags.report, "only `strata report list` takes it");
  if (flags.state.json) return FlagInvalid("--markdown", "with --json", "ask for one of them");
  return absl::OkStatus();
}

int List(const ReportFlags& flags, const Console& console) {
  if (flags.markdown) {  // of the build: there need not be a snapshot
    console.Print(ReportsMarkdown(DescribeReports()));
    return kExitDone;
  }
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), flags.state.json);
  const auto answer = session->connection->Reports(session->snapshot);
  if (!answer.ok()) return Fail(console, answer.status(), flags.state.json);
  if (flags.state.json) {
    console.PrintLine(ReportsJson(*answer));
  } else {
    console.Print(AnswerLine(answer->info) + "\n" + ReportsTable(answer->reports));
  }
  return kExitDone;
}

int Show(const ReportFlags& flags, const Console& console) {
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), flags.state.json);
  const auto answer = session->connection->Report(session->snapshot, flags.report);
  if (!answer.ok()) return Fail(console, answer.status(), flags.state.json);
  if (flags.out.empty()) {
    if (flags.state.json) {
      console.PrintLine(ReportJson(*answer));
    } else {
      console.Print(AnswerLine(answer->info) + "\n" + ReportText(answer->report, answer->table, answer->info.currency));
    }
    return kExitDone;
  }
  const absl::Status written = WriteReportFile(*answer, flags.out);
  if (!written.ok()) return Fail(console, written, flags.state.json);
  if (flags.state.json) {
    console.PrintLine(OneLine({{"report", answer->report.name}, {"file", flags.out}, {"rows", answer->report.rows}}));
  } else {
    console.PrintLine(fmt::format("{}: {} of report {}", flags.out, Counted(answer->report.rows, "row", "rows"),
                                  answer->report.name));
  }
  return kExitDone;
}

int Report(const ReportFlags& flags, const Console& console) {
  const absl::Status checked = CheckFlags(flags);
  if (!checked.ok()) return Fail(console, checked, flags.state.json);
  return flags.report == kList ? List(flags, console) : Show(flags, console);
}

}  // namespace

void AddReportCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<ReportFlags>();
  CLI::App* command = program->add_subcommand("report", "the analyses of a snapshot, each a table");
  command->add_option("NAME", flags->report, "a report, or list for all of them")->required();
  AddStateFlags(command, &flags->state);
  AddSnapshotFlag(command, &flags->state);
  command->add_option("--out", flags->out, "write the report to FILE.csv or FILE.parquet")->type_name("FILE");
  command->add_flag("--markdown", flags->markdown, "with list: all reports of this build, as docs/reports.md has them");
  command->footer(
      "Examples:\n"
      "  strata report list\n"
      "  strata report segments\n"
      "  strata report segments --out segments.parquet");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Report(*flags, context->console); }; });
}

}  // namespace strata
