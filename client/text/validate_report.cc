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

}  // namespace

std::string BudgetProblem(const RowCounts& sample, const ErrorBudget& budget) {
  const std::string passed = PassedLimit(budget, sample.rejected, sample.read);
  if (passed.empty()) return "";
  return fmt::format("{} of {} rows of the sample are rejected, and error_budget.{}", Grouped(sample.rejected),
                     Grouped(sample.read), passed);
}

std::string ValidateReport(const Job& job, const std::string& job_path, const SourceProfile& profile) {
  std::string text =
      fmt::format("{}: job {} can be read. This looks at a sample and computes nothing.\n", job_path, job.name);
  text += fmt::format("\nSource transactions: {}\n  {}, {}; sampled {}\n", job.transactions.uri,
                      Counted(profile.files, "file", "files"), ByteSize(static_cast<int64_t>(profile.bytes)),
                      Counted(profile.files_sampled, "file", "files"));
  if (profile.first_day.has_value() && profile.last_day.has_value()) {
    text += fmt::format("  days {} to {}\n", FormatDay(*profile.first_day), FormatDay(*profile.last_day));
  }
  text += "\nColumns\n" + ColumnsTable(profile);
  text += TablesReport(job, profile.tables);
  text += "\nRows of the sample\n" + RowsTable(profile.counts);
  if (!profile.rejects.empty()) text += "\nProblems\n" + Problems(profile);
  const std::string problem = BudgetProblem(profile.counts, job.error_budget);
  return text + (problem.empty() ? "\nThe job can run as described, as far as the sample tells.\n"
                                 : fmt::format("\nThe job cannot run as described: {}.\n", problem));
}

std::string ValidateJson(const Job& job, const SourceProfile& profile) {
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
  const std::string problem = BudgetProblem(profile.counts, job.error_budget);
  return OneLine({{"job", job.name},
                  {"valid", problem.empty()},
                  {"problem", problem.empty() ? Json(nullptr) : Json(problem)},
                  {"files", profile.files},
                  {"files_sampled", profile.files_sampled},
                  {"size_bytes", profile.bytes},
                  {"first_day", DayOrNull(profile.first_day)},
                  {"last_day", DayOrNull(profile.last_day)},
                  {"rows", RowCountsToJson(profile.counts)},
                  {"columns", std::move(columns)},
                  {"aliases", AliasesJson(profile.tables)},
                  {"fx", FxJson(profile.tables)},
                  {"rejected_by_reason", ReasonsJson(profile.rejected_by_reason)},
                  {"problems", std::move(problems)}});
}

}  // namespace strata
