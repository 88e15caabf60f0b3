#include "client/text/validate_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client/json/score_json.h"
#include "client/text/numbers.h"
#include "client/text/run_report.h"
#include "client/text/table.h"
#include "client/text/tables_report.h"
#include "run/error_budget.h"
#include "run/row_counts_json.h"

namespace strata {
namespace {

constexpr size_t kProblemsShown = 50;  // a screen; all are in --json

using Json = nlohmann::ordered_json;

std::string ColumnsTable(const SourceProfile& profile) {
  Table table({{"field", Align::kLeft},
               {"column", Align::kLeft},
               {"present", Align::kRight},
               {"missing", Align::kRight},
               {"rejected", Align::kRight},
               {"smallest", Align::kLeft},
               {"greatest", Align::kLeft},
               {"examples", Align::kLeft}});
  for (const ColumnProfile& column : profile.columns) {
    int64_t rejected = 0;
    for (const auto& [reason, count] : column.rejected) rejected += count;
    table.AddRow({column.field, column.column, Grouped(column.present), Grouped(column.missing), Grouped(rejected),
                  column.min, column.max, fmt::format("{}", fmt::join(column.examples, " | "))});
  }
  return table.Render("  ");
}

std::string Problems(const SourceProfile& profile) {
  std::string text;
  for (size_t i = 0; i < profile.rejects.size() && i < kProblemsShown; ++i) {
    const QuarantineRow& row = profile.rejects[i];
    text += fmt::format("  {}:{}: {}{} ({})\n", row.file, row.line, row.column.empty() ? "" : row.column + ": ",
                        Printable(row.message), row.reason);
  }
  if (profile.rejects.size() > kProblemsShown) {
    text += fmt::format("  ... and {} more; --json lists them\n",
                        Grouped(static_cast<int64_t>(profile.rejects.size() - kProblemsShown)));
  }
  return text;
}

Json ReasonsJson(const std::vector<std::pair<std::string, int64_t>>& reasons) {
  Json json = Json::object();
  for (const auto& [reason, count] : reasons) json[reason] = count;
  return json;
}

Json DayOrNull(const std::optional<Day>& day) { return day.has_value() ? Json(FormatDay(*day)) : Json(nullptr); }

// Why the run would fail on the budget at `key`; empty when it would not.
std::string ProblemOf(const SourceProfile& profile, const ErrorBudget& budget, std::string_view key) {
  const std::string passed = PassedLimit(budget, profile.counts.rejected, profile.counts.read);
  if (passed.empty()) return "";
  return fmt::format("{} of {} rows of the sample are rejected, and {}.{}", Grouped(profile.counts.rejected),
                     Grouped(profile.counts.read), key, passed);
}

// The same of a table, which may have a budget of its own.
std::string ProblemOf(const Job& job, const TableSource& source, const SourceProfile& profile) {
  const std::string name(SchemaOf(source.table).name);
  const bool is_own = source.error_budget.has_value();
  const std::string problem = ProblemOf(profile, is_own ? *source.error_budget : job.error_budget,
                                        is_own ? fmt::format("sources.{}.error_budget", name) : "error_budget");
  return problem.empty() ? "" : name + ": " + problem;
}

// A source: its files, columns, rows and problems.
std::string SourceText(std::string_view name, const std::string& uri, const SourceProfile& profile,
                       const std::string& more = {}) {
  std::string text =
      fmt::format("\nSource {}: {}\n  {}, {}; sampled {}\n", name, uri, Counted(profile.files, "file", "files"),
                  ByteSize(static_cast<int64_t>(profile.bytes)), Counted(profile.files_sampled, "file", "files"));
  if (profile.first_day.has_value() && profile.last_day.has_value()) {
    text += fmt::format("  days {} to {}\n", FormatDay(*profile.first_day), FormatDay(*profile.last_day));
  }
  text += "\nColumns\n" + ColumnsTable(profile) + more + "\nRows of the sample\n" + RowsTable(profile.counts);
  if (!profile.rejects.empty()) text += "\nProblems\n" + Problems(profile);
  return text;
}

// What is said of every source.
Json SourceJson(const SourceProfile& profile) {
  Json columns = Json::array();
  for (const ColumnProfile& column : profile.columns) {
    columns.push_back({{"field", column.field},
                       {"column", column.column},
                       {"present", column.present},
                       {"missing", column.missing},
                       {"rejected", ReasonsJson(column.rejected)},
                       {"min", column.min.empty() ? Json(nullptr) : Json(column.min)},
                       {"max", column.max.empty() ? Json(nullptr) : Json(column.max)},
                       {"examples", column.examples}});
  }
  Json problems = Json::array();
  for (const QuarantineRow& row : profile.rejects) {
    problems.push_back({{"file", row.file},
                        {"line", row.line},
                        {"column", row.column},
                        {"value", row.value},
                        {"reason", row.reason},
                        {"message", row.message}});
  }
  return {{"files", profile.files},
          {"files_sampled", profile.files_sampled},
          {"size_bytes", profile.bytes},
          {"first_day", DayOrNull(profile.first_day)},
          {"last_day", DayOrNull(profile.last_day)},
          {"rows", RowCountsToJson(profile.counts)},
          {"columns", std::move(columns)},
          {"rejected_by_reason", ReasonsJson(profile.rejected_by_reason)},
          {"problems", std::move(problems)}};
}

}  // namespace

std::string BudgetProblem(const Job& job, const JobProfile& profile) {
  std::string problem = ProblemOf(profile.transactions, job.error_budget, "error_budget");
  for (size_t i = 0; i < profile.tables.size() && problem.empty(); ++i) {
    problem = ProblemOf(job, job.tables[i], profile.tables[i]);
  }
  return problem;
}

std::string ValidateReport(const Job& job, const std::string& job_path, const JobProfile& profile) {
  std::string text =
      fmt::format("{}: job {} can be read. This looks at a sample and computes nothing.\n", job_path, job.name);
  text += SourceText("transactions", job.transactions.uri, profile.transactions,
                     TablesReport(job, profile.transactions.tables));
  for (size_t i = 0; i < profile.tables.size(); ++i) {
    text += SourceText(SchemaOf(job.tables[i].table).name, job.tables[i].uri, profile.tables[i]);
  }
  const std::string problem = BudgetProblem(job, profile);
  return text + (problem.empty() ? "\nThe job can run as described, as far as the sample tells.\n"
                                 : fmt::format("\nThe job cannot run as described: {}.\n", problem));
}

std::string ValidateJson(const Job& job, const JobProfile& profile) {
  const std::string problem = BudgetProblem(job, profile);
  Json json = {
      {"job", job.name}, {"valid", problem.empty()}, {"problem", problem.empty() ? Json(nullptr) : Json(problem)}};
  json.update(SourceJson(profile.transactions));
  json["aliases"] = AliasesJson(profile.transactions.tables);
  json["fx"] = FxJson(profile.transactions.tables);
  json["tables"] = Json::object();
  for (size_t i = 0; i < profile.tables.size(); ++i) {
    json["tables"][std::string(SchemaOf(job.tables[i].table).name)] = SourceJson(profile.tables[i]);
  }
  return OneLine(json);
}

}  // namespace strata
