#include "run/job_file.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>

#include "run/job_gates.h"
#include "run/job_models.h"
#include "run/job_reports.h"
#include "run/job_retention.h"
#include "run/job_segments.h"
#include "run/job_sources.h"
#include "run/job_tables.h"
#include "run/source_keys.h"
#include "run/transaction_fields.h"
#include "run/yaml_section.h"

namespace strata {
namespace {

constexpr size_t kMaxJobNameBytes = 63;   // a DNS label, so that it can name cluster objects
constexpr size_t kMaxTimeZoneBytes = 64;  // the longest IANA name has 32

bool IsJobName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= kMaxJobNameBytes && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

// A zone of the IANA database. "localtime" and paths would make the result depend on the machine.
bool IsTimeZone(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+' || c == '/';
  };
  if (name.empty() || name.size() > kMaxTimeZoneBytes || name[0] == '/' || name == "localtime") return false;
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone);
}

absl::Status ReadHead(const YamlSection& root, Job* job) {
  constexpr std::string_view kNameAllowed =
      "a small letter, then up to 62 small letters, digits, underscores or hyphens";
  STRATA_RETURN_IF_ERROR(root.Require("name", kNameAllowed));
  STRATA_RETURN_IF_ERROR(root.ReadText("name", &job->name));
  if (!IsJobName(job->name)) return root.Invalid("name", kNameAllowed);

  if (root.Has("as_of")) {
    std::string text;
    STRATA_RETURN_IF_ERROR(root.ReadText("as_of", &text));
    const absl::StatusOr<Day> day = ParseDay(text);
    if (!day.ok()) {
      return root.Invalid("as_of", fmt::format("a day of the calendar as YYYY-MM-DD, {} to {}", kFirstYear, kLastYear));
    }
    job->as_of = *day;
  }

  STRATA_RETURN_IF_ERROR(root.ReadText("time_zone", &job->time_zone));
  if (!IsTimeZone(job->time_zone)) {
    return root.Invalid("time_zone", "a name of the IANA time zone database, e.g. UTC or Europe/Berlin");
  }

  constexpr std::string_view kCurrencyAllowed = "three capital letters (ISO 4217), e.g. USD";
  STRATA_RETURN_IF_ERROR(root.Require("currency", kCurrencyAllowed));
  STRATA_RETURN_IF_ERROR(root.ReadText("currency", &job->currency));
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (job->currency.size() != 3 || !std::all_of(job->currency.begin(), job->currency.end(), capital)) {
    return root.Invalid("currency", kCurrencyAllowed);
  }

  STRATA_RETURN_IF_ERROR(root.ReadInteger<uint64_t>("seed", 0, UINT64_MAX, &job->seed));
  return root.ReadInteger<uint32_t>("shards", 1, kMaxShards, &job->shards);
}

absl::Status ReadColumns(const YamlSection& section, TransactionColumns* columns) {
  std::vector<std::string> fields;
  fields.reserve(kTransactionFieldCount);
  for (const TransactionFieldInfo& info : kTransactionFields) fields.emplace_back(info.name);
  STRATA_RETURN_IF_ERROR(section.Require("columns", "a mapping from fields to columns of the source"));
  STRATA_ASSIGN_OR_RETURN(const auto mapping, section.Section("columns", fields));
  for (const TransactionFieldInfo& info : kTransactionFields) {
    STRATA_RETURN_IF_ERROR(ReadColumnName(*mapping, info.name, &(columns->*(info.column))));
  }
  constexpr std::string_view kColumnAllowed = "the name of a column of the source";
  STRATA_RETURN_IF_ERROR(mapping->Require("customer_id", kColumnAllowed));
  STRATA_RETURN_IF_ERROR(mapping->Require("time", kColumnAllowed));
  const bool has_product = !columns->quantity.empty() && !columns->unit_price.empty();
  if (columns->amount.empty() && !has_product) {
    return section.Problem("columns", "no amount is mapped; allowed: amount, or both quantity and unit_price");
  }
  if (!columns->updated_at.empty() && columns->transaction_id.empty()) {
    return mapping->Problem("updated_at",
                            "is mapped without transaction_id; it only chooses between rows of one "
                            "transaction, allowed: both or neither");
  }
  return absl::OkStatus();
}

absl::Status ReadTransactions(const YamlSection& section, TransactionSource* source) {
  STRATA_RETURN_IF_ERROR(ReadUri(section, &source->uri));
  STRATA_RETURN_IF_ERROR(ReadColumns(section, &source->columns));
  STRATA_RETURN_IF_ERROR(ReadTimeFormat(section, &source->time_format));
  STRATA_RETURN_IF_ERROR(ReadDelimiter(section, &source->delimiter));
  STRATA_RETURN_IF_ERROR(ReadOnMissingCustomer(section, &source->on_missing_customer));
  STRATA_RETURN_IF_ERROR(ReadOnVanished(section, &source->on_vanished));
  STRATA_RETURN_IF_ERROR(ReadOnChanged(section, &source->on_changed));
  size_t lines = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("lines", {"keep", "drop"}, &lines));
  source->keep_lines = lines == 0;
  return ReadExpectations(section, &source->expect);
}

absl::Status ReadSources(const YamlSection& root, Job* job) {
  std::vector<std::string> tables;
  for (const TableSchema& schema : AllTables()) tables.emplace_back(schema.name);
  for (const char* table : {"aliases", "fx"}) tables.emplace_back(table);
  STRATA_RETURN_IF_ERROR(root.Require("sources", "a mapping with the key transactions"));
  STRATA_ASSIGN_OR_RETURN(const auto sources, root.Section("sources", tables));
  STRATA_RETURN_IF_ERROR(sources->Require("transactions", "a mapping with at least the keys uri and columns"));
  STRATA_ASSIGN_OR_RETURN(
      const auto transactions,
      sources->Section("transactions", {"uri", "columns", "time_format", "delimiter", "on_missing_customer",
                                        "on_vanished", "on_changed", "lines", "expect"}));
  STRATA_RETURN_IF_ERROR(ReadTransactions(*transactions, &job->transactions));
  STRATA_ASSIGN_OR_RETURN(job->tables, ReadTableSources(*sources));
  return ReadTables(*sources, job);
}

}  // namespace

const TableSource* Job::Find(TableId table) const {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [table](const TableSource& source) { return source.table == table; });
  return found == tables.end() ? nullptr : &*found;
}

absl::StatusOr<Job> ParseJob(std::string_view yaml, std::string_view file_name) {
  if (yaml.size() > kMaxJobFileBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "JOB_INVALID",
                     fmt::format("{}: found {} bytes; allowed: {} at most", file_name, yaml.size(), kMaxJobFileBytes),
                     {{"file", std::string(file_name)}});
  }
  STRATA_ASSIGN_OR_RETURN(
      const YamlSection root,
      YamlSection::ParseFile(yaml, file_name,
                             {"name", "as_of", "time_zone", "currency", "seed", "shards", "sources", "error_budget",
                              "retention", "models", "segments", "reports", "veto", "on_finish"}));
  Job job;
  STRATA_RETURN_IF_ERROR(ReadHead(root, &job));
  STRATA_RETURN_IF_ERROR(ReadSources(root, &job));
  std::optional<ErrorBudget> budget;
  STRATA_RETURN_IF_ERROR(ReadErrorBudget(root, &budget));
  if (budget.has_value()) job.error_budget = *budget;
  STRATA_RETURN_IF_ERROR(ReadRetention(root, &job.retention));
  STRATA_RETURN_IF_ERROR(ReadModels(root, &job));
  STRATA_RETURN_IF_ERROR(ReadSegments(root, file_name, &job));
  STRATA_RETURN_IF_ERROR(ReadReports(root, &job));
  STRATA_RETURN_IF_ERROR(ReadVeto(root, &job));
  STRATA_RETURN_IF_ERROR(ReadOnFinish(root, &job.on_finish));
  return job;
}

}  // namespace strata
