#include "client/commands/segments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/exit_status.h"
#include "client/export_writer.h"
#include "client/json/score_json.h"
#include "client/report_file.h"
#include "client/session.h"
#include "client/text/numbers.h"
#include "client/text/score_card.h"
#include "client/text/segments_table.h"
#include "wire/names.h"
#include "wire/text.h"

namespace strata {
namespace {

struct MembersFlags {
  StateFlags state;
  std::string segment;
  std::string change;  // empty: all members
  std::string out;     // empty: print
};

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

absl::StatusOr<MemberChange> CheckFlags(const MembersFlags& flags) {
  if (!ParseSegmentName("NAME", SegmentResource("any", flags.segment)).ok()) {
    return FlagInvalid("NAME", EscapeNonUtf8(flags.segment.substr(0, kMaxSegmentNameBytes)),
                       "a segment's name is lower-case letters, digits, '_' and '-'; `strata segments` shows them");
  }
  if (!flags.out.empty()) STRATA_RETURN_IF_ERROR(CheckExportPath(flags.out));
  if (flags.change.empty()) return MemberChange::kAll;
  if (flags.change == "entered") return MemberChange::kEntered;
  if (flags.change == "left") return MemberChange::kLeft;
  return FlagInvalid("--change", EscapeNonUtf8(flags.change), "must be entered or left");
}

// A table with one column, as files of reports are written.
ReportAnswer TableOf(const MembersAnswer& members) {
  ReportAnswer answer;
  answer.info = members.info;
  answer.report.name = "members";
  answer.report.columns = {{"customer_id", ReportType::kText, "", "Who."}};
  answer.report.rows = static_cast<int64_t>(members.customer_ids.size());
  answer.table = EmptyTable(1);
  answer.table.rows = members.customer_ids.size();
  answer.table.text[0].assign(members.customer_ids.begin(), members.customer_ids.end());
  return answer;
}

int Members(const MembersFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  const absl::StatusOr<MemberChange> change = CheckFlags(flags);
  if (!change.ok()) return Fail(console, change.status(), json);
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), json);
  const auto answer = session->connection->Members(session->snapshot, flags.segment, *change);
  if (!answer.ok()) return Fail(console, answer.status(), json);
  if (flags.out.empty()) {
    if (json) {
      console.PrintLine(MembersJson(flags.segment, *answer));
      return kExitDone;
    }
    for (const std::string& id : answer->customer_ids) console.PrintLine(id);
    return kExitDone;
  }
  const absl::Status written = WriteReportFile(TableOf(*answer), flags.out);
  if (!written.ok()) return Fail(console, written, json);
  const auto count = static_cast<int64_t>(answer->customer_ids.size());
  if (json) {
    console.PrintLine(OneLine({{"segment", flags.segment}, {"file", flags.out}, {"customers", count}}));
  } else {
    console.PrintLine(
        fmt::format("{}: {} of segment {}", flags.out, Counted(count, "customer", "customers"), flags.segment));
  }
  return kExitDone;
}

}  // namespace

void AddSegmentsCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<StateFlags>();
  CLI::App* command = program->add_subcommand("segments", "segments and clusters with sizes and profiles; members");
  AddStateFlags(command, flags.get());
  AddSnapshotFlag(command, flags.get());
  command->footer(
      "Examples:\n"
      "  strata segments\n"
      "  strata segments --snapshot 3 --json\n"
      "  strata segments members vip --out vip.csv");
  const auto of_members = std::make_shared<MembersFlags>();
  CLI::App* members = command->add_subcommand("members", "who is in one of the job's own segments");
  members->add_option("NAME", of_members->segment, "a segment of the job's own")->required();
  AddStateFlags(members, &of_members->state);
  AddSnapshotFlag(members, &of_members->state);
  members->add_option("--change", of_members->change, "who entered or left since the followed snapshot")
      ->type_name("entered|left");
  members->add_option("--out", of_members->out, "write the ids to FILE.csv or FILE.parquet")->type_name("FILE");
  members->footer(
      "Examples:\n"
      "  strata segments members vip\n"
      "  strata segments members vip --change left --out lost.parquet");
  command->require_subcommand(0, 1);
  command->callback([flags, context, members] {
    if (members->parsed()) return;  // the subcommand's own callback has said what to do
    context->action = [flags, context] { return Segments(*flags, context->console); };
  });
  members->callback([of_members, context] {
    context->action = [of_members, context] { return Members(*of_members, context->console); };
  });
}

}  // namespace strata
