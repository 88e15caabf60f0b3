#include "run/summary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "run/row_counts_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

RowCounts RowsFromJson(const Json& json) {
  RowCounts rows;
  rows.read = json.at("read");
  rows.accepted = json.at("accepted");
  rows.rejected = json.at("rejected");
  rows.duplicates = json.at("duplicates");
  rows.blank = json.at("blank");
  rows.skipped_no_customer = json.at("skipped").at("no_customer");
  rows.skipped_after_as_of = json.at("skipped").at("after_as_of");
  rows.skipped_known_file = json.at("skipped").at("known_file");
  return rows;
}

Json ReasonsToJson(const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason) {
  Json reasons = Json::object();
  for (const auto& [reason, count] : rejected_by_reason) reasons[reason] = count;
  return reasons;
}

std::vector<std::pair<std::string, int64_t>> ReasonsFromJson(const Json& json) {
  std::vector<std::pair<std::string, int64_t>> reasons;
  for (const auto& [reason, count] : json.items()) reasons.emplace_back(reason, count.get<int64_t>());
  return reasons;
}

Json TablesToJson(const std::vector<TableSummary>& tables) {
  Json by_name = Json::object();
  for (const TableSummary& table : tables) {
    by_name[table.table] = {{"files", table.files},
                            {"rows", RowCountsToJson(table.rows)},
                            {"rows_new", RowCountsToJson(table.rows_new)},
                            {"conflicts", table.conflicts},
                            {"rejected", ReasonsToJson(table.rejected_by_reason)}};
  }
  return by_name;
}

std::vector<TableSummary> TablesFromJson(const Json& json) {
  std::vector<TableSummary> tables;
  for (const auto& [name, table] : json.items()) {
    tables.push_back({.table = name,
                      .files = table.at("files"),
                      .rows = RowsFromJson(table.at("rows")),
                      .rows_new = RowsFromJson(table.at("rows_new")),
                      .conflicts = table.at("conflicts"),
                      .rejected_by_reason = ReasonsFromJson(table.at("rejected"))});
  }
  return tables;
}

Json RemovedToJson(const RemovedByRetention& removed) {
  return {{"snapshots", removed.snapshots},
          {"runs", removed.runs},
          {"objects", removed.objects},
          {"size_bytes", removed.size_bytes}};
}

RemovedByRetention RemovedFromJson(const Json& json) {
  return {.snapshots = json.at("snapshots").get<std::vector<int64_t>>(),
          .runs = json.at("runs"),
          .objects = json.at("objects"),
          .size_bytes = json.at("size_bytes")};
}

Json RulesToJson(const std::vector<BrokenRule>& rules) {
  Json list = Json::array();
  for (const BrokenRule& rule : rules) {
    list.push_back({{"rule", rule.rule}, {"found", rule.found}, {"allowed", rule.allowed}});
  }
  return list;
}

Json OutcomesToJson(const std::vector<FinishOutcome>& outcomes) {
  Json list = Json::array();
  for (const FinishOutcome& outcome : outcomes) {
    list.push_back({{"kind", outcome.kind},
                    {"ok", outcome.ok},
                    {"attempts", outcome.attempts},
                    {"seconds", outcome.seconds},
                    {"message", outcome.message}});
  }
  return list;
}

// Both lists are absent from records of before they existed, and where they are empty.
void ReadLists(const Json& json, RunSummary* summary) {
  for (const Json& rule : json.value("broken_rules", Json::array())) {
    summary->broken_rules.push_back({rule.at("rule"), rule.at("found"), rule.at("allowed")});
  }
  for (const Json& outcome : json.value("on_finish", Json::array())) {
    summary->on_finish.push_back({.kind = outcome.at("kind"),
                                  .ok = outcome.at("ok"),
                                  .attempts = outcome.at("attempts"),
                                  .seconds = outcome.at("seconds"),
                                  .message = outcome.at("message")});
  }
}

constexpr RunState kStates[] = {RunState::kRunning, RunState::kSucceeded, RunState::kFailed, RunState::kCancelled};

}  // namespace

const char* Name(RunState state) {
  switch (state) {
    case RunState::kRunning:
      return "running";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kFailed:
      return "failed";
    case RunState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string RunSummary::ToJson() const {
  Json json;
  json["run"] = run;
  json["job"] = job;
  json["state"] = Name(state);
  json["snapshot"] = snapshot == 0 ? Json(nullptr) : Json(snapshot);
  json["digest"] = digest;
  json["as_of"] = as_of;
  json["follows"] = follows == 0 ? Json(nullptr) : Json(follows);
  json["ledger_version"] = ledger_version;
  json["ledger_digest"] = ledger_digest;
  json["customers"] = customers;
  json["customers_with_purchase"] = customers_with_purchase;
  json["rows"] = RowCountsToJson(rows);
  json["rows_new"] = RowCountsToJson(rows_new);
  json["rejected_by_reason"] = ReasonsToJson(rejected_by_reason);
  if (!tables.empty()) json["tables"] = TablesToJson(tables);
  json["quarantine"] = quarantine_objects;
  json["warnings"] = warnings;
  json["published"] = published;
  json["activated"] = activated;
  json["back_dated"] = back_dated;
  Json times;
  for (const Stage stage : kStageOrder) times[Name(stage)] = seconds[static_cast<int>(stage) - 1];
  times["total"] = seconds_total;
  json["seconds"] = std::move(times);
  json["peak_rss_bytes"] = peak_rss_bytes;
  json["started_ms"] = started_ms;
  json["finished_ms"] = finished_ms;
  json["request_id"] = request_id;
  if (resumed > 0) json["resumed"] = resumed;
  if (ledger_only) json["ledger_only"] = true;
  if (removed.any()) json["removed"] = RemovedToJson(removed);
  if (!broken_rules.empty()) json["broken_rules"] = RulesToJson(broken_rules);
  if (!on_finish.empty()) json["on_finish"] = OutcomesToJson(on_finish);
  json["error"] = error_code == 0 ? Json(nullptr)
                                  : Json{{"code", error_code}, {"reason", error_reason}, {"message", error_message}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<RunSummary> RunSummary::FromJson(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    RunSummary summary;
    summary.run = json.at("run");
    summary.job = json.at("job");
    for (const RunState state : kStates) {
      if (json.at("state") == Name(state)) summary.state = state;
    }
    summary.snapshot = json.at("snapshot").is_null() ? 0 : json.at("snapshot").get<int64_t>();
    summary.digest = json.at("digest");
    summary.as_of = json.at("as_of");
    summary.follows = json.at("follows").is_null() ? 0 : json.at("follows").get<int64_t>();
    summary.ledger_version = json.at("ledger_version");
    summary.ledger_digest = json.at("ledger_digest");
    summary.customers = json.at("customers");
    summary.customers_with_purchase = json.at("customers_with_purchase");
    summary.rows = RowsFromJson(json.at("rows"));
    summary.rows_new = RowsFromJson(json.at("rows_new"));
    summary.rejected_by_reason = ReasonsFromJson(json.at("rejected_by_reason"));
    if (json.contains("tables")) summary.tables = TablesFromJson(json.at("tables"));
    summary.quarantine_objects = json.at("quarantine").get<std::vector<std::string>>();
    summary.warnings = json.at("warnings").get<std::vector<std::string>>();
    summary.published = json.at("published");
    summary.activated = json.at("activated");
    summary.back_dated = json.at("back_dated");
    for (const Stage stage : kStageOrder) {
      // Records of before have no reports.
      const Json& seconds = json.at("seconds");
      summary.seconds[static_cast<int>(stage) - 1] =
          stage == Stage::kReport ? seconds.value(Name(stage), 0.0) : seconds.at(Name(stage)).get<double>();
    }
    summary.seconds_total = json.at("seconds").at("total");
    summary.peak_rss_bytes = json.at("peak_rss_bytes");
    summary.started_ms = json.at("started_ms");
    summary.finished_ms = json.at("finished_ms");
    summary.request_id = json.at("request_id");
    summary.resumed = json.value("resumed", 0);
    summary.ledger_only = json.value("ledger_only", false);
    if (json.contains("removed")) summary.removed = RemovedFromJson(json.at("removed"));
    ReadLists(json, &summary);
    if (const Json& error = json.at("error"); !error.is_null()) {
      summary.error_code = error.at("code");
      summary.error_reason = error.at("reason");
      summary.error_message = error.at("message");
    }
    return summary;
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kDataLoss, "RUN_RECORD_CORRUPT",
                     fmt::format("the record of a run cannot be read: {}", error.what()));
  }
}

absl::Status ErrorOf(const RunSummary& summary) {
  if (summary.error_code == 0) return absl::OkStatus();
  return MakeError(static_cast<absl::StatusCode>(summary.error_code), summary.error_reason, summary.error_message);
}

void SetError(const absl::Status& status, RunSummary* summary) {
  summary->error_code = static_cast<int>(status.code());
  const auto detail = DetailOf(status);
  summary->error_reason = detail.has_value() ? detail->reason : std::string(absl::StatusCodeToString(status.code()));
  summary->error_message = std::string(StdView(status.message()));
}

}  // namespace strata
