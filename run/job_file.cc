#include "run/job_file.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>

#include "run/job_gates.h"
#include "run/job_models.h"
#include "run/job_retention.h"
#include "run/job_tables.h"
#include "run/time_format.h"
#include "run/transaction_fields.h"
#include "run/yaml_section.h"

namespace strata {
namespace {

constexpr size_t kMaxJobNameBytes = 63;      // a DNS label, so that it can name cluster objects
constexpr size_t kMaxTimeZoneBytes = 64;     // the longest IANA name has 32
constexpr size_t kMaxColumnNameBytes = 256;  // names, not documents
constexpr size_t kMaxUriBytes = 4096;        // PATH_MAX
constexpr std::string_view kDelimiters = ",;|:~^\t";

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
    std::string* column = &(columns->*(info.column));
    STRATA_RETURN_IF_ERROR(mapping->ReadText(info.name, column));
    if (column->size() > kMaxColumnNameBytes) {
      return mapping->Problem(info.name, fmt::format("found a column name of {} bytes; allowed: {} at most",
                                                     column->size(), kMaxColumnNameBytes));
    }
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

absl::Status ReadDelimiter(const YamlSection& section, char* delimiter) {
  if (!section.Has("delimiter")) return absl::OkStatus();
  constexpr std::string_view kAllowed = "one of , ; | : ~ ^ or tab";
  // A tab is blank, so ReadText would refuse "\t"; the word is for people.
  size_t index = 0;
  if (section.ReadChoice("delimiter", {",", ";", "|", ":", "~", "^", "\t", "tab"}, &index).ok()) {
    *delimiter = kDelimiters[std::min(index, kDelimiters.size() - 1)];
    return absl::OkStatus();
  }
  return section.Invalid("delimiter", kAllowed);
}

absl::Status ReadTransactions(const YamlSection& section, TransactionSource* source) {
  constexpr std::string_view kUriAllowed = "a file, folder or glob, relative to the job file or absolute, or s3://";
  STRATA_RETURN_IF_ERROR(section.Require("uri", kUriAllowed));
  STRATA_RETURN_IF_ERROR(section.ReadText("uri", &source->uri));
  if (source->uri.size() > kMaxUriBytes) {
    return section.Problem("uri", fmt::format("found {} bytes; allowed: {} at most", source->uri.size(), kMaxUriBytes));
  }
  STRATA_RETURN_IF_ERROR(ReadColumns(section, &source->columns));
  if (section.Has("time_format")) {
    STRATA_RETURN_IF_ERROR(section.ReadText("time_format", &source->time_format));
    const auto items = CompileTimeFormat(source->time_format);
    if (!items.ok()) return section.Problem("time_format", StdView(items.status().message()));
  }
  STRATA_RETURN_IF_ERROR(ReadDelimiter(section, &source->delimiter));

  size_t choice = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_missing_customer", {"reject", "skip"}, &choice));
  source->on_missing_customer = choice == 0 ? OnMissingCustomer::kReject : OnMissingCustomer::kSkip;
  choice = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_vanished", {"keep", "error", "remove"}, &choice));
  constexpr OnVanished kVanished[] = {OnVanished::kKeep, OnVanished::kError, OnVanished::kRemove};
  source->on_vanished = kVanished[choice];
  choice = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_changed", {"error", "replace"}, &choice));
  source->on_changed = choice == 0 ? OnChanged::kError : OnChanged::kReplace;
  return ReadExpectations(section, &source->expect);
}

absl::Status ReadSources(const YamlSection& root, Job* job) {
  const std::vector<std::string> tables = {"transactions", "customers", "products", "costs",  "contacts",
                                           "cases",        "surveys",   "usage",    "visits", "campaigns",
                                           "kyc",          "market",    "aliases",  "fx"};
  STRATA_RETURN_IF_ERROR(root.Require("sources", "a mapping with the key transactions"));
  STRATA_ASSIGN_OR_RETURN(const auto sources, root.Section("sources", tables));
  for (const std::string& table : tables) {
    if (table != "transactions" && table != "aliases" && table != "fx" && sources->Has(table)) {
      return sources->Problem(table, "this table is not available in this version; allowed: transactions, aliases, fx");
    }
  }
  STRATA_RETURN_IF_ERROR(sources->Require("transactions", "a mapping with at least the keys uri and columns"));
  STRATA_ASSIGN_OR_RETURN(
      const auto transactions,
      sources->Section("transactions", {"uri", "columns", "time_format", "delimiter", "on_missing_customer",
                                        "on_vanished", "on_changed", "expect"}));
  STRATA_RETURN_IF_ERROR(ReadTransactions(*transactions, &job->transactions));
  return ReadTables(*sources, job);
}

absl::Status ReadErrorBudget(const YamlSection& root, ErrorBudget* budget) {
  STRATA_ASSIGN_OR_RETURN(const auto section, root.Section("error_budget", {"rejected_ratio_max", "rejected_max"}));
  if (!section.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section->ReadNumber("rejected_ratio_max", 0, 1, &budget->rejected_ratio_max));
  if (!section->Has("rejected_max")) return absl::OkStatus();
  return section->ReadInteger<int64_t>("rejected_max", 0, INT64_MAX, &budget->rejected_max.emplace());
}

}  // namespace

absl::StatusOr<Job> ParseJob(std::string_view yaml, std::string_view file_name) {
  if (yaml.size() > kMaxJobFileBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "JOB_INVALID",
                     fmt::format("{}: found {} bytes; allowed: {} at most", file_name, yaml.size(), kMaxJobFileBytes),
                     {{"file", std::string(file_name)}});
  }
  STRATA_ASSIGN_OR_RETURN(const YamlSection root,
                          YamlSection::ParseFile(yaml, file_name,
                                                 {"name", "as_of", "time_zone", "currency", "seed", "shards", "sources",
                                                  "error_budget", "retention", "models", "veto", "on_finish"}));
  Job job;
  STRATA_RETURN_IF_ERROR(ReadHead(root, &job));
  STRATA_RETURN_IF_ERROR(ReadSources(root, &job));
  STRATA_RETURN_IF_ERROR(ReadErrorBudget(root, &job.error_budget));
  STRATA_RETURN_IF_ERROR(ReadRetention(root, &job.retention));
  STRATA_RETURN_IF_ERROR(ReadModels(root, &job));
  STRATA_RETURN_IF_ERROR(ReadVeto(root, &job));
  STRATA_RETURN_IF_ERROR(ReadOnFinish(root, &job.on_finish));
  return job;
}

}  // namespace strata
