#include "client/json/score_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "client/text/numbers.h"
#include "client/text/words.h"
#include "data/snapshot/outlook_fields.h"
#include "run/row_counts_json.h"
#include "run/table_schema.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json ScoreOrNull(uint8_t score) { return score == 0 ? Json(nullptr) : Json(score); }
// In the shortest form that reads back to the same float.
Json FloatOrNull(float value) { return std::isfinite(value) ? Json::parse(fmt::format("{}", value)) : Json(nullptr); }
// A customer's outlook under the API's names.
struct OutlookFieldsJson {
  const CustomerOutlook& outlook;
  Json json = Json::object();

  void Number(std::string_view name, double CustomerOutlook::*member) {
    json[std::string(name)] = FloatOrNull(static_cast<float>(outlook.*member));
  }
  void Date(std::string_view name, size_t place) {
    const Day day = outlook.next_purchase.at(place);
    json[std::string(name)] = day == kUnknownDay  ? Json(nullptr)
                              : day == kNeverDay  ? Json("never")
                              : day == kBeyondDay ? Json("beyond")
                                                  : Json(FormatDay(day));
  }
  void Count(std::string_view name, int32_t CustomerOutlook::*member) {
    json[std::string(name)] = outlook.*member < 0 ? Json(nullptr) : Json(outlook.*member);
  }
};

Json OutlookJson(const CustomerOutlook& outlook, double interval) {
  OutlookFieldsJson fields{.outlook = outlook};
  VisitOutlook(fields);
  const bool known =
      std::any_of(fields.json.begin(), fields.json.end(), [](const Json& field) { return !field.is_null(); });
  if (!known) return nullptr;
  fields.json["interval"] = interval > 0 ? Json(interval) : Json(nullptr);
  return std::move(fields.json);
}

Json ClusterOrNull(int16_t cluster) { return cluster < 0 ? Json(nullptr) : Json(cluster + 1); }
Json NumberOrNullIfZero(int64_t number) { return number == 0 ? Json(nullptr) : Json(number); }

// Null where nothing but the probability is known.
Json ChurnJson(const CustomerScore& score, const std::vector<NamedReason>& reasons) {
  const CustomerChurn& churn = score.churn;
  if (churn.band == ChurnBand::kNone && std::isnan(churn.margin) && std::isnan(churn.value_at_risk)) return nullptr;
  Json told = Json::array();
  for (const NamedReason& reason : reasons) {
    told.push_back({{"group", reason.group},
                    {"feature", reason.feature},
                    {"contribution", FloatOrNull(reason.contribution)},
                    {"value", FloatOrNull(reason.value)},
                    {"words", reason.words}});
  }
  return {{"band", churn.band == ChurnBand::kNone ? Json(nullptr) : Json(Name(churn.band))},
          {"margin", NumberOrNull(churn.margin)},
          {"value_at_risk", NumberOrNull(churn.value_at_risk)},
          {"reasons", std::move(told)}};
}

}  // namespace

std::string OneLine(const Json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string JsonTime(int64_t wall_ms) {
  std::string text = UtcTime(wall_ms);  // 2024-01-05 02:13:44 UTC
  text[10] = 'T';
  const int64_t rest_ms = (wall_ms % 1000 + 1000) % 1000;
  return fmt::format("{}.{:03}Z", text.substr(0, 19), rest_ms);
}

Json InfoJson(const AnswerFacts& info) {
  return {{"job", info.job},
          {"snapshot", info.number},
          {"as_of", FormatDay(info.as_of)},
          {"publish_time", JsonTime(info.published_ms)},
          {"age_seconds", info.age_seconds},
          {"stale", info.stale},
          {"digest", info.digest},
          {"currency", info.currency}};
}

Json ScoreJson(const CustomerScore& score, const std::vector<NamedClass>& classes,
               const std::vector<std::string>& segments, const std::string& cluster_name, double interval,
               const std::vector<NamedReason>& reasons) {
  const bool bought = score.purchase_days > 0;
  Json json = {{"first_day", bought ? Json(FormatDay(score.first_day)) : Json(nullptr)},
               {"last_day", bought ? Json(FormatDay(score.last_day)) : Json(nullptr)},
               {"purchase_days", score.purchase_days},
               {"rows", score.rows},
               {"return_rows", score.return_rows},
               {"net_micros", score.net_micros},
               {"recency_score", ScoreOrNull(score.recency_score)},
               {"frequency_score", ScoreOrNull(score.frequency_score)},
               {"monetary_score", ScoreOrNull(score.monetary_score)},
               {"segment", score.segment == RfmSegment::kNone ? Json(nullptr) : Json(Name(score.segment))},
               {"cluster", ClusterOrNull(score.cluster)},
               {"cluster_name", cluster_name.empty() ? Json(nullptr) : Json(cluster_name)},
               {"cluster_distance", FloatOrNull(score.cluster_distance)},
               {"second_cluster", ClusterOrNull(score.second_cluster)},
               {"p_alive", NumberOrNull(score.p_alive)},
               {"expected_purchases", NumberOrNull(score.expected_purchases)},
               {"p_no_purchase", NumberOrNull(score.p_no_purchase)},
               {"expected_spend", NumberOrNull(score.expected_spend)},
               {"lifetime_value", NumberOrNull(score.lifetime_value)},
               {"outlook", OutlookJson(score.outlook, interval)},
               {"churn_probability", NumberOrNull(score.churn_probability)},
               {"churn", ChurnJson(score, reasons)},
               {"flags", FlagNames(score.flags)}};
  // Left out where the job asks for none.
  for (const NamedClass& of : classes) json["classes"][of.scheme] = of.name;
  if (!segments.empty()) json["segments"] = segments;
  return json;
}

std::string GetJson(const std::string& customer_id, const ScoreAnswer& answer) {
  Json json = {{"customer_id", customer_id}};
  json.update(InfoJson(answer.info));
  json["score"] =
      ScoreJson(answer.score, answer.classes, answer.segments, answer.cluster_name, answer.interval, answer.reasons);
  if (!answer.expected_by_period.empty()) {
    Json& periods = json["score"]["outlook"]["expected_purchases_by_period"] = Json::array();
    for (const float expected : answer.expected_by_period) periods.push_back(FloatOrNull(expected));
  }
  return OneLine(json);
}

std::string LookupJson(const AnswerFacts& info, const std::vector<std::string>& ids,
                       const std::vector<LookupLine>& lines) {
  Json json = InfoJson(info);
  json["results"] = Json::array();
  for (size_t i = 0; i < ids.size(); ++i) {
    const bool found = lines[i].outcome == LookupOutcome::kFound;
    json["results"].push_back({{"customer_id", ids[i]},
                               {"status", Name(lines[i].outcome)},
                               {"score", found ? ScoreJson(lines[i].score, lines[i].classes, lines[i].segments,
                                                           lines[i].cluster_name, lines[i].interval, lines[i].reasons)
                                               : Json(nullptr)}});
  }
  return OneLine(json);
}

std::string SegmentsJson(const SegmentsAnswer& answer) {
  Json json = InfoJson(answer.info);
  json["segments"] = Json::array();
  for (const SegmentLine& line : answer.segments) {
    json["segments"].push_back({{"kind", line.kind},
                                {"name", line.name},
                                {"customers", line.customers},
                                {"share", NumberOrNull(line.share)},
                                {"mean_recency_days", NumberOrNull(line.mean_recency_days)},
                                {"mean_purchase_days", NumberOrNull(line.mean_purchase_days)},
                                {"mean_net", NumberOrNull(line.mean_net)},
                                {"mean_p_alive", NumberOrNull(line.mean_p_alive)},
                                {"mean_lifetime_value", NumberOrNull(line.mean_lifetime_value)},
                                {"mean_churn_probability", NumberOrNull(line.mean_churn_probability)},
                                {"sum_net", NumberOrNull(line.sum_net)},
                                {"sum_lifetime_value", NumberOrNull(line.sum_lifetime_value)}});
    Json& own = json["segments"].back();
    if (line.kind == kUserKind || !line.title.empty()) {
      own["title"] = line.title.empty() ? Json(nullptr) : Json(line.title);
    }
    if (line.kind != kUserKind) continue;
    own["condition"] = line.condition;
    own["entered"] = line.entered.has_value() ? Json(*line.entered) : Json(nullptr);
    own["left"] = line.left.has_value() ? Json(*line.left) : Json(nullptr);
  }
  return OneLine(json);
}

std::string MembersJson(const std::string& segment, const MembersAnswer& answer) {
  Json json = InfoJson(answer.info);
  json["segment"] = segment;
  json["customer_ids"] = answer.customer_ids;
  return OneLine(json);
}

Json SnapshotJson(const ListedSnapshot& snapshot) {
  const SnapshotRecord& record = snapshot.record;
  return {{"job", snapshot.job},
          {"snapshot", record.number},
          {"state", Name(record.state)},
          {"current", snapshot.is_current},
          {"digest", record.digest},
          {"as_of", FormatDay(record.as_of)},
          {"publish_time", JsonTime(record.published_ms)},
          {"run", record.run},
          {"follows", NumberOrNullIfZero(record.follows)},
          {"ledger_version", record.ledger_version},
          {"customers", record.customers},
          {"manifest_checksum", Hex(record.manifest_checksum)}};
}

Json LedgerJson(const LedgerSummary& ledger, const std::vector<RegisteredFile>& files) {
  Json fingerprint = Json::object();
  for (const auto& [field, value] : ledger.version.fingerprint) fingerprint[field] = value;
  Json list = Json::array();
  for (const RegisteredFile& file : files) {
    list.push_back({{"number", file.number},
                    {"table", SchemaOf(file.table).name},
                    {"path", file.path},
                    {"size_bytes", file.size_bytes},
                    {"modify_time", JsonTime(file.modified_ns / 1'000'000)},
                    {"checksum", Hex(file.checksum)},
                    {"same_as", file.same_as < 0 ? Json(nullptr) : Json(file.same_as)},
                    {"rows", RowCountsToJson(file.counts)}});
  }
  Json tables = Json::object();
  for (const LedgerSummary::Table& table : ledger.tables) {
    tables[table.table] = {{"files", table.files},
                           {"rows", table.rows},
                           {"counts", RowCountsToJson(table.counts)},
                           {"size_bytes", table.size_bytes},
                           {"conflicts", table.conflicts}};
  }
  return {{"job", ledger.job},
          {"version", ledger.version.version},
          {"parent", NumberOrNullIfZero(ledger.version.parent)},
          {"digest", ledger.version.digest},
          {"run", ledger.version.run},
          {"customers", ledger.customers},
          {"rows", ledger.rows},
          {"conflicts", ledger.conflicts},
          {"shards", ledger.shards},
          {"size_bytes", ledger.size_bytes},
          {"counts", RowCountsToJson(ledger.counts)},
          {"tables", std::move(tables)},
          {"fingerprint", std::move(fingerprint)},
          {"files", std::move(list)}};
}

std::string ErrorJson(const absl::Status& status) {
  Json metadata = Json::object();
  std::string reason(StdView(absl::StatusCodeToString(status.code())));
  if (const auto detail = DetailOf(status); detail.has_value()) {
    reason = detail->reason;
    for (const auto& [key, value] : detail->metadata) metadata[key] = value;
  }
  return OneLine({{"error",
                   {{"code", static_cast<int>(status.code())},
                    {"reason", reason},
                    {"message", std::string(StdView(status.message()))},
                    {"metadata", std::move(metadata)}}}});
}

}  // namespace strata
