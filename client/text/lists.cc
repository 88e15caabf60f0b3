#include "client/text/lists.h"

#include <fmt/format.h>

#include "client/text/numbers.h"
#include "client/text/run_report.h"
#include "client/text/table.h"
#include "run/table_schema.h"

namespace strata {
namespace {

std::string NumberOrNothing(int64_t number) { return number == 0 ? kNothing : fmt::format("{}", number); }

std::string Outcome(const RunSummary& run) {
  if (run.state != RunState::kSucceeded) return run.error_reason;
  if (run.ledger_only) return "ledger only";
  return run.activated ? "activated" : run.published ? "published, not activated" : "not published";
}

}  // namespace

std::string SnapshotsTable(const std::vector<ListedSnapshot>& snapshots) {
  Table table({{"", Align::kLeft},
               {"snapshot", Align::kRight},
               {"as of", Align::kLeft},
               {"published", Align::kLeft},
               {"customers", Align::kRight},
               {"follows", Align::kRight},
               {"ledger", Align::kRight},
               {"digest", Align::kLeft}});
  for (const ListedSnapshot& snapshot : snapshots) {
    const SnapshotRecord& record = snapshot.record;
    table.AddRow({snapshot.is_current ? "*" : "", fmt::format("{}", record.number), FormatDay(record.as_of),
                  UtcTime(record.published_ms), Grouped(record.customers), NumberOrNothing(record.follows),
                  fmt::format("{}", record.ledger_version),
                  record.state == SnapshotState::kDeleting ? "being deleted" : record.digest});
  }
  return table.Render();
}

std::string RunsTable(const std::vector<RunSummary>& runs) {
  Table table({{"run", Align::kRight},
               {"state", Align::kLeft},
               {"as of", Align::kLeft},
               {"started", Align::kLeft},
               {"took", Align::kRight},
               {"customers", Align::kRight},
               {"outcome", Align::kLeft}});
  for (const RunSummary& run : runs) {
    const bool ended = run.state != RunState::kRunning;
    table.AddRow({fmt::format("{}", run.run), Name(run.state), run.as_of.empty() ? kNothing : run.as_of,
                  UtcTime(run.started_ms), ended ? Duration(run.seconds_total) : kNothing,
                  run.customers > 0 ? Grouped(run.customers) : kNothing, ended ? Outcome(run) : ""});
  }
  return table.Render();
}

namespace {

std::string LedgerTables(const LedgerSummary& ledger) {
  if (ledger.tables.empty()) return "";
  Table list({{"table", Align::kLeft},
              {"files", Align::kRight},
              {"rows", Align::kRight},
              {"rejected", Align::kRight},
              {"duplicates", Align::kRight},
              {"conflicts", Align::kRight},
              {"size", Align::kRight}});
  for (const LedgerSummary::Table& table : ledger.tables) {
    list.AddRow({table.table, Grouped(table.files), Grouped(table.rows), Grouped(table.counts.rejected),
                 Grouped(table.counts.duplicates), Grouped(table.conflicts), ByteSize(table.size_bytes)});
  }
  return "\nRows of tables; of transactions their details\n" + list.Render("  ");
}

}  // namespace

std::string LedgerReport(const LedgerSummary& ledger, const std::vector<RegisteredFile>& files) {
  Table facts({{"", Align::kLeft}, {"", Align::kLeft}});
  facts.AddRow(
      {"version", fmt::format("{}, {}", ledger.version.version,
                              ledger.version.parent == 0 ? "built from the sources alone"
                                                         : fmt::format("made from {}", ledger.version.parent))});
  facts.AddRow({"digest", ledger.version.digest});
  facts.AddRow({"customers", Grouped(ledger.customers)});
  facts.AddRow({"rows", Grouped(ledger.rows)});
  facts.AddRow({"conflicts",
                fmt::format("{} with differing content", Counted(ledger.conflicts, "transaction", "transactions"))});
  facts.AddRow({"segments", fmt::format("{} shards, {}", Grouped(ledger.shards), ByteSize(ledger.size_bytes))});
  facts.AddRow({"run", fmt::format("{}", ledger.version.run)});
  std::string text = fmt::format("Ledger of job {}\n{}\nRows, whatever their date\n{}", ledger.job, facts.Render("  "),
                                 RowsTable(ledger.counts));
  text += LedgerTables(ledger);
  Table list({{"file", Align::kRight},
              {"table", Align::kLeft},
              {"path", Align::kLeft},
              {"size", Align::kRight},
              {"read", Align::kRight},
              {"accepted", Align::kRight},
              {"rejected", Align::kRight},
              {"duplicates", Align::kRight},
              {"blank", Align::kRight},
              {"skipped", Align::kRight},
              {"", Align::kLeft}});
  for (const RegisteredFile& file : files) {
    const RowCounts& rows = file.counts;
    list.AddRow({fmt::format("{}", file.number), std::string(SchemaOf(file.table).name), file.path,
                 ByteSize(static_cast<int64_t>(file.size_bytes)), Grouped(rows.read), Grouped(rows.accepted),
                 Grouped(rows.rejected), Grouped(rows.duplicates), Grouped(rows.blank), Grouped(rows.skipped()),
                 file.same_as < 0 ? "" : fmt::format("same content as file {}", file.same_as)});
  }
  text += "\nFiles\n" + list.Render("  ");
  Table fingerprint({{"", Align::kLeft}, {"", Align::kLeft}});
  for (const auto& [field, value] : ledger.version.fingerprint)
    fingerprint.AddRow({field, value.empty() ? kNothing : value});
  return text + "\nA job that differs in one of these needs another ledger\n" + fingerprint.Render("  ");
}

}  // namespace strata
