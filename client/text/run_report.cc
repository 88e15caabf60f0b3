#include "client/text/run_report.h"

#include <fmt/format.h>

#include <array>

#include "client/text/models_report.h"
#include "client/text/numbers.h"
#include "client/text/segments_table.h"
#include "client/text/table.h"

namespace strata {
namespace {

struct RowClass {
  const char* name;
  int64_t RowCounts::*count;
  bool always;  // shown although nothing is in it
};

constexpr std::array<RowClass, 7> kRowClasses = {{
    {"accepted", &RowCounts::accepted, true},
    {"rejected", &RowCounts::rejected, true},
    {"duplicates", &RowCounts::duplicates, true},
    {"blank", &RowCounts::blank, true},
    {"skipped: no customer", &RowCounts::skipped_no_customer, false},
    {"skipped: after the as-of date", &RowCounts::skipped_after_as_of, false},
    {"skipped: file known under another path", &RowCounts::skipped_known_file, false},
}};

std::string RowsTableOf(const std::vector<const RowCounts*>& columns, std::vector<Table::Column> head) {
  Table table(std::move(head));
  for (const RowClass& row_class : kRowClasses) {
    bool shown = row_class.always;
    std::vector<std::string> cells = {row_class.name};
    for (const RowCounts* rows : columns) {
      shown = shown || rows->*row_class.count != 0;
      cells.push_back(Grouped(rows->*row_class.count));
    }
    if (shown) table.AddRow(std::move(cells));
  }
  table.AddRule();
  std::vector<std::string> total = {"read"};
  for (const RowCounts* rows : columns) total.push_back(Grouped(rows->read));
  table.AddRow(std::move(total));
  return table.Render("  ");
}

std::string Headline(const RunSummary& summary) {
  if (summary.published && summary.activated) {
    return fmt::format("{}: snapshot {} is published and answers from now on.\n", summary.job, summary.snapshot);
  }
  if (summary.published) {
    return fmt::format("{}: snapshot {} is published but not activated{}.\n", summary.job, summary.snapshot,
                       summary.back_dated ? ": its date lies before the current snapshot's" : "");
  }
  if (summary.state == RunState::kRunning) return fmt::format("{}: run {} is under way.\n", summary.job, summary.run);
  return fmt::format("{}: run {} {}. Nothing was published; what was served before still is.\n", summary.job,
                     summary.run, summary.state == RunState::kCancelled ? "was cancelled" : "failed");
}

std::string Facts(const RunSummary& summary) {
  Table table({{"", Align::kLeft}, {"", Align::kLeft}});
  if (!summary.as_of.empty()) table.AddRow({"as of", summary.as_of});
  if (summary.customers > 0) {
    table.AddRow({"customers", fmt::format("{}, {} of them with a purchase", Grouped(summary.customers),
                                           Grouped(summary.customers_with_purchase))});
  }
  if (summary.snapshot > 0) {
    table.AddRow({"snapshot", fmt::format("{}, {}", summary.snapshot,
                                          summary.follows > 0 ? fmt::format("follows {}", summary.follows)
                                                              : std::string("follows none"))});
    table.AddRow({"digest", summary.digest});
  }
  if (summary.ledger_version > 0) table.AddRow({"ledger", fmt::format("version {}", summary.ledger_version)});
  table.AddRow({"run", fmt::format("{}", summary.run)});
  if (summary.removed.any()) table.AddRow({"removed", RemovedWords(summary.removed)});
  return table.Render("  ");
}

std::string Rejects(const RunSummary& summary, const std::string& objects_root) {
  bool any = !summary.rejected_by_reason.empty();
  Table table({{"", Align::kLeft}, {"", Align::kRight}});
  for (const auto& [reason, count] : summary.rejected_by_reason) table.AddRow({reason, Grouped(count)});
  for (const TableSummary& of : summary.tables) {
    any |= !of.rejected_by_reason.empty();
    for (const auto& [reason, count] : of.rejected_by_reason) {
      table.AddRow({fmt::format("{} {}", of.table, reason), Grouped(count)});
    }
  }
  if (!any) return "";
  std::string text = "\nRejected rows of new files, by reason\n" + table.Render("  ");
  if (!summary.quarantine_objects.empty()) text += "  Each with its line and value in\n";
  for (const std::string& key : summary.quarantine_objects) {
    text += fmt::format("    {}{}{}\n", objects_root, objects_root.empty() ? "" : "/", key);
  }
  return text;
}

std::string Tables(const RunSummary& summary) {
  if (summary.tables.empty()) return "";
  Table table({{"table", Align::kLeft},
               {"files", Align::kRight},
               {"read", Align::kRight},
               {"accepted", Align::kRight},
               {"rejected", Align::kRight},
               {"duplicates", Align::kRight},
               {"blank", Align::kRight},
               {"skipped", Align::kRight},
               {"new", Align::kRight}});
  for (const TableSummary& of : summary.tables) {
    const RowCounts& rows = of.rows;
    table.AddRow({of.table, Grouped(of.files), Grouped(rows.read), Grouped(rows.accepted), Grouped(rows.rejected),
                  Grouped(rows.duplicates), Grouped(rows.blank), Grouped(rows.skipped()), Grouped(of.rows_new.read)});
  }
  return "\nTables\n" + table.Render("  ");
}

std::string Times(const RunSummary& summary) {
  Table table({{"", Align::kLeft}, {"", Align::kRight}});
  const auto seconds = [&summary](int place) { return summary.seconds[static_cast<int>(kStageOrder[place]) - 1]; };
  int reached = kStages;  // a run that failed did not come to the later ones
  while (!summary.published && reached > 0 && seconds(reached - 1) == 0) --reached;
  for (int place = 0; place < reached; ++place) {
    if (kStageOrder[place] == Stage::kReport && seconds(place) == 0) continue;  // not asked for
    table.AddRow({Name(kStageOrder[place]), Duration(seconds(place))});
  }
  table.AddRule();
  table.AddRow({"total", Duration(summary.seconds_total)});
  std::string text = "\nTime\n" + table.Render("  ");
  if (summary.peak_rss_bytes > 0) text += fmt::format("  Peak memory {}\n", ByteSize(summary.peak_rss_bytes));
  return text;
}

std::string Finish(const RunSummary& summary) {
  if (summary.on_finish.empty()) return "";
  Table table({{"", Align::kLeft}, {"", Align::kLeft}, {"", Align::kRight}});
  for (const FinishOutcome& outcome : summary.on_finish) {
    table.AddRow({outcome.kind, outcome.message, Duration(outcome.seconds)});
  }
  return "\nAt its end\n" + table.Render("  ");
}

std::string NextSteps(const RunSummary& summary, const std::string& where) {
  if (!summary.published) return "";
  Table table({{"", Align::kLeft}, {"", Align::kLeft}});
  if (summary.activated) {
    table.AddRow({"strata segments" + where, "the segments with their profiles"});
    table.AddRow({"strata get CUSTOMER_ID" + where, "one customer"});
    table.AddRow({"strata export --out scores.parquet" + where, "everybody, for Spark, DuckDB, pandas or BI"});
    table.AddRow({"strata models" + where, "what was fitted, in detail"});
  } else {
    table.AddRow({fmt::format("strata segments --snapshot {}{}", summary.snapshot, where), "look at it"});
    table.AddRow({fmt::format("strata snapshots activate {}{}", summary.snapshot, where), "let it answer"});
  }
  return "\nNext\n" + table.Render("  ");
}

}  // namespace

std::string RemovedWords(const RemovedByRetention& removed) {
  std::vector<std::string> parts;
  if (!removed.snapshots.empty()) {
    parts.push_back(fmt::format("{} {}", removed.snapshots.size() == 1 ? "snapshot" : "snapshots",
                                fmt::join(removed.snapshots, ", ")));
  }
  if (removed.runs > 0) parts.push_back(fmt::format("the records of {}", Counted(removed.runs, "run", "runs")));
  parts.push_back(fmt::format("{}, {}", Counted(removed.objects, "object", "objects"), ByteSize(removed.size_bytes)));
  return fmt::format("{} (retention)", fmt::join(parts, "; "));
}

std::string RowsTable(const RowCounts& all, const RowCounts& fresh) {
  return RowsTableOf({&all, &fresh},
                     {{"", Align::kLeft}, {"all files", Align::kRight}, {"new in this run", Align::kRight}});
}

std::string RowsTable(const RowCounts& rows) {
  return RowsTableOf({&rows}, {{"", Align::kLeft}, {"rows", Align::kRight}});
}

std::string RunReport(const RunSummary& summary, const RunFindings* findings, const ReportPlace& place) {
  std::string text = Headline(summary) + Facts(summary);
  if (!summary.error_message.empty()) {
    text += fmt::format("\nWhy\n  {} ({})\n", summary.error_message, summary.error_reason);
  }
  // A run that ended before its last books has counted new files only.
  if (summary.rows.read > 0) {
    text += "\nRows\n" + RowsTable(summary.rows, summary.rows_new);
  } else if (summary.rows_new.read > 0) {
    text += "\nRows of new files\n" + RowsTable(summary.rows_new);
  }
  text += Tables(summary) + Rejects(summary, place.objects_root);
  if (findings != nullptr) {
    text += "\nSegments\n" + SegmentsBrief(findings->segments, findings->currency);
    text += "\nModels\n" + ModelsBrief(findings->models, findings->currency, "  ", findings->active_customers);
  }
  if (summary.state != RunState::kRunning) text += Times(summary) + Finish(summary);
  if (!summary.warnings.empty()) text += "\nWarnings\n";
  for (const std::string& warning : summary.warnings) text += fmt::format("  ! {}\n", warning);
  return text + NextSteps(summary, place.where);
}

}  // namespace strata
