#include "client/bench/bench_json.h"

#include <absl/status/status.h>

#include <nlohmann/json.hpp>

#include "client/json/score_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

double Ms(int64_t ns) { return static_cast<double>(ns) * 1e-6; }

Json LatencyJson(const LatencyHistogram& histogram) {
  const bool some = histogram.count() > 0;
  Json json = {{"count", histogram.count()}};
  json["mean"] = some ? Json(histogram.mean_ns() * 1e-6) : Json(nullptr);
  json["min"] = some ? Json(Ms(histogram.min_ns())) : Json(nullptr);
  for (const NamedPercentile& percentile : kBenchPercentiles) {
    json[std::string(percentile.name)] =
        some ? Json(Ms(histogram.PercentileNs(percentile.parts_per_million))) : Json(nullptr);
  }
  json["max"] = some ? Json(Ms(histogram.max_ns())) : Json(nullptr);
  json["out_of_range"] = histogram.below_range() + histogram.above_range();
  return json;
}

Json PlanJson(const BenchReport& report) {
  const LoadPlan& plan = report.plan;
  Json json = {{"targets", plan.targets},
               {"job", plan.snapshot.job},
               {"snapshot", plan.snapshot.is_current() ? Json(nullptr) : Json(plan.snapshot.number)},
               {"method", Name(plan.method)},
               {"batch", plan.batch},
               {"loop", plan.closed ? "closed" : "open"},
               {"arrivals", plan.closed ? Json(nullptr) : Json(Name(plan.arrivals))},
               {"rate", plan.closed ? Json(nullptr) : Json(static_cast<double>(plan.milli_rate) / 1000)},
               {"connections", plan.connections},
               {"in_flight", plan.in_flight},
               {"threads", plan.threads},
               {"warmup_s", static_cast<double>(plan.warmup_ms) / 1000},
               {"duration_s", static_cast<double>(plan.duration_ms) / 1000},
               {"deadline_ms", plan.deadline_ms},
               {"keys", KeyLawWords(plan.keys)},
               {"unknown_ratio", plan.keys.unknown_ratio},
               {"seed", plan.keys.seed},
               {"verify", plan.verify}};
  json["ids"] = {{"source", report.ids.source},
                 {"known", report.ids.known},
                 {"customers", report.ids.customers == 0 ? Json(nullptr) : Json(report.ids.customers)},
                 {"seconds", report.ids.seconds}};
  return json;
}

Json RatesJson(const BenchReport& report) {
  return {{"asked", NumberOrNull(report.asked_rate())},
          {"achieved", NumberOrNull(report.achieved_rate())},
          {"questions", NumberOrNull(report.questions_rate())},
          {"rate_ratio", NumberOrNull(report.rate_ratio())},
          {"send_ratio", NumberOrNull(report.send_ratio())}};
}

Json RequestsJson(const BenchReport& report) {
  const LoopCounts& counts = report.load.counts;
  Json errors = Json::object();
  for (const auto& [code, tally] : report.load.tally.errors) {
    errors[CodeName(code)] = {
        {"count", tally.count}, {"example", tally.example}, {"latency_ms", LatencyJson(tally.latency)}};
  }
  return {{"due", report.plan.closed ? Json(nullptr) : Json(counts.due)},
          {"answers", report.load.tally.latency.count()},
          {"errors", report.load.tally.error_count()},
          {"error_ratio", report.error_ratio()},
          {"waited_for_slot", counts.waited_for_slot},
          {"backlog_max", counts.backlog_max},
          {"never_sent", {{"abandoned", counts.abandoned}, {"shed", counts.shed}}},
          {"errors_by_code", std::move(errors)}};
}

Json AnswersJson(const BenchReport& report) {
  const CheckResult& checks = report.load.checks;
  Json snapshots = Json::array();
  for (const auto& [number, seen] : checks.snapshots) {
    snapshots.push_back({{"snapshot", number},
                         {"answers", seen.answers},
                         {"digest", seen.digest.empty() ? Json(nullptr) : Json(seen.digest)},
                         {"first_s", static_cast<double>(seen.first_ns) * 1e-9},
                         {"last_s", static_cast<double>(seen.last_ns) * 1e-9}});
  }
  return {{"found", checks.found},
          {"not_found", checks.not_found},
          {"wrong", checks.wrong},
          {"examples", checks.examples},
          {"compared", report.kept.done ? Json(report.kept.compared) : Json(nullptr)},
          {"not_compared", report.kept.done ? Json(report.kept.not_compared) : Json(nullptr)},
          {"compare_seconds", report.kept.done ? Json(report.kept.seconds) : Json(nullptr)},
          {"notes", report.kept.notes},
          {"snapshots", std::move(snapshots)},
          {"switches", checks.switches}};
}

Json SecondsJson(const std::vector<SecondLine>& seconds) {
  Json json = Json::array();
  for (const SecondLine& line : seconds) {
    const bool some = line.answers > 0;
    json.push_back({{"end_s", line.end_s},
                    {"length_s", line.length_s},
                    {"warmup", line.warmup},
                    {"sent", line.sent},
                    {"answers", line.answers},
                    {"errors", line.errors},
                    {"backlog", line.backlog},
                    {"p50_ms", some ? Json(Ms(line.p50_ns)) : Json(nullptr)},
                    {"p99_ms", some ? Json(Ms(line.p99_ns)) : Json(nullptr)},
                    {"max_ms", some ? Json(Ms(line.max_ns)) : Json(nullptr)}});
  }
  return json;
}

}  // namespace

std::string CodeName(int code) { return absl::StatusCodeToString(static_cast<absl::StatusCode>(code)); }

std::string BenchJson(const BenchReport& report) {
  Json json = {{"plan", PlanJson(report)}, {"interrupted", report.load.interrupted}};
  json["measured_s"] = static_cast<double>(report.load.measured_ns) * 1e-9;
  json["rate"] = RatesJson(report);
  json["latency_ms"] = LatencyJson(report.load.tally.latency);
  json["service_ms"] = LatencyJson(report.load.tally.service);
  json["send_delay_ms"] = LatencyJson(report.load.tally.send_delay);
  json["requests"] = RequestsJson(report);
  json["answers"] = AnswersJson(report);
  json["client"] = {{"cores_used", NumberOrNull(report.client_cores())},
                    {"cpu_share", NumberOrNull(report.client_cpu_share())},
                    {"busiest_driver", report.load.busiest_driver},
                    {"us_per_request", NumberOrNull(report.client_us_per_request())}};
  json["environment"] = {{"build", report.environment.build},
                         {"grpc", report.environment.grpc},
                         {"cores", report.environment.cores},
                         {"date", JsonTime(report.environment.date_ms)}};
  Json limits = Json::array();
  for (const BenchWarning& warning : WarningsOf(report)) {
    limits.push_back({{"limit", Name(warning.limit)}, {"text", warning.text}});
  }
  json["limits"] = std::move(limits);
  Json thresholds = Json::array();
  for (const ThresholdLine& line : ThresholdsOf(report)) {
    thresholds.push_back(
        {{"flag", line.flag}, {"allowed", line.allowed}, {"found", NumberOrNull(line.found)}, {"kept", line.kept}});
  }
  json["thresholds"] = std::move(thresholds);
  json["seconds"] = SecondsJson(report.load.seconds);
  return OneLine(json);
}

}  // namespace strata
