#include "client/bench/bench_text.h"

#include <fmt/format.h>

#include <cmath>

#include "client/bench/bench_json.h"
#include "client/text/numbers.h"
#include "client/text/table.h"

namespace strata {
namespace {

std::string Ms(int64_t ns) { return Significant(static_cast<double>(ns) * 1e-6, 3); }

std::string Rate(double rate) { return rate < 100 ? Significant(rate, 3) : Fixed(rate, 0); }

std::string Seconds(int64_t ms) { return fmt::format("{} s", static_cast<double>(ms) / 1000); }

std::string LatencyTable(const LoadTally& tally) {
  std::vector<Table::Column> columns = {{"ms", Align::kLeft}};
  for (const char* title : {"mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}) {
    columns.push_back({title, Align::kRight});
  }
  Table table(std::move(columns));
  const auto add = [&table](const std::string& name, const LatencyHistogram& histogram) {
    if (histogram.count() == 0) return;
    std::vector<std::string> cells = {name, Significant(histogram.mean_ns() * 1e-6, 3)};
    for (const NamedPercentile& percentile : kBenchPercentiles) {
      cells.push_back(Ms(histogram.PercentileNs(percentile.parts_per_million)));
    }
    cells.push_back(Ms(histogram.max_ns()));
    table.AddRow(std::move(cells));
  };
  add("latency", tally.latency);
  add("service time", tally.service);
  for (const auto& [code, error] : tally.errors) add(CodeName(code), error.latency);
  return table.Render("  ");
}

std::string RequestLines(const BenchReport& report) {
  const LoadTally& tally = report.load.tally;
  std::string text;
  if (!report.plan.closed) {
    text += fmt::format("  asked     {}/s, {} in {}\n", Rate(report.asked_rate()),
                        Counted(report.load.counts.due, "request", "requests"),
                        Duration(static_cast<double>(report.load.measured_ns) * 1e-9));
  }
  text += fmt::format("  answered  {}/s", Rate(report.achieved_rate()));
  if (!report.plan.closed) text += fmt::format(", {} of what was asked", Percent(report.rate_ratio()));
  if (report.plan.batch > 1) text += fmt::format("; {} ids/s", Rate(report.questions_rate()));
  text += "\n";
  const std::string unsent = report.unsent() == 0 ? "" : fmt::format(" and {} never sent", Grouped(report.unsent()));
  text += fmt::format("  errors    {}{}, {} of all\n", Grouped(tally.error_count()), unsent,
                      Percent(report.error_ratio(), 3));
  for (const auto& [code, error] : tally.errors) {
    text += fmt::format("    {} {}, for example: {}\n", Grouped(error.count), CodeName(code), Printable(error.example));
  }
  return text;
}

std::string AnswerLines(const BenchReport& report) {
  const CheckResult& checks = report.load.checks;
  std::string text = fmt::format("  found {}, not found {}, wrong {}\n", Grouped(checks.found),
                                 Grouped(checks.not_found), Grouped(checks.wrong));
  for (const std::string& example : checks.examples) text += "    wrong: " + example + "\n";
  if (report.kept.done) {
    text += fmt::format("  {} compared byte by byte with an independent read in {}\n",
                        Counted(report.kept.compared, "answer", "answers"), Duration(report.kept.seconds));
  }
  for (const std::string& note : report.kept.notes) text += "  " + note + "\n";
  for (const auto& [number, seen] : checks.snapshots) {
    text += fmt::format("  snapshot {}: {}, from second {} to {}\n", number, Counted(seen.answers, "answer", "answers"),
                        Fixed(static_cast<double>(seen.first_ns) * 1e-9, 1),
                        Fixed(static_cast<double>(seen.last_ns) * 1e-9, 1));
  }
  if (checks.snapshots.size() > 1) {
    text += fmt::format("  {} seen by the connections\n", Counted(checks.switches, "switch", "switches"));
  }
  return text;
}

std::string ThresholdLines(const BenchReport& report) {
  std::string text;
  for (const ThresholdLine& line : ThresholdsOf(report)) {
    text += fmt::format("  {} {} {}: found {}\n", line.kept ? "kept  " : "MISSED", line.flag, line.allowed,
                        Significant(line.found, 4));
  }
  return text;
}

}  // namespace

std::string BenchSecondLine(const SecondLine& line, bool closed) {
  const bool whole = line.end_s == std::floor(line.end_s);
  std::string text = fmt::format("{:>5} s  {}/s answered", Fixed(line.end_s, whole ? 0 : 1),
                                 Rate(line.length_s > 0 ? static_cast<double>(line.answers) / line.length_s : 0));
  if (line.answers > 0) {
    text += fmt::format("  p50 {} ms  p99 {} ms  max {} ms", Ms(line.p50_ns), Ms(line.p99_ns), Ms(line.max_ns));
  }
  text += fmt::format("  {}", Counted(line.errors, "error", "errors"));
  if (!closed) text += fmt::format("  backlog {}", Grouped(line.backlog));
  if (line.warmup) text += "  (warm-up)";
  return text;
}

std::string BenchPlanLine(const LoadPlan& plan) {
  const std::string loop = plan.closed ? "closed loop"
                                       : fmt::format("open loop, {} {}/s", Name(plan.arrivals),
                                                     Rate(static_cast<double>(plan.milli_rate) / 1000));
  const std::string method =
      plan.method == LoadMethod::kGet ? "GetScore" : fmt::format("LookupScores of {}", plan.batch);
  return fmt::format("{}, {}, {} x {} in flight, {}, {} after {} of warm-up", loop, method,
                     Counted(plan.connections, "connection", "connections"), plan.in_flight,
                     Counted(plan.threads, "driver", "drivers"), Seconds(plan.duration_ms), Seconds(plan.warmup_ms));
}

std::string BenchText(const BenchReport& report) {
  std::string text = fmt::format("{}\n\nRequests\n{}", BenchPlanLine(report.plan), RequestLines(report));
  if (report.load.tally.latency.count() + report.load.tally.error_count() > 0) {
    text += "\nLatency from the moment a request was due; service time from its sending\n" +
            LatencyTable(report.load.tally);
  }
  text += "\nAnswers\n" + AnswerLines(report);
  text += fmt::format("\nClient\n  {} cores used of {}, busiest driver {}, {} us per request\n",
                      Significant(report.client_cores(), 3), report.environment.cores,
                      Percent(report.load.busiest_driver, 0), Significant(report.client_us_per_request(), 3));
  for (const BenchWarning& warning : WarningsOf(report)) text += "  warning: " + warning.text + "\n";
  if (const std::string lines = ThresholdLines(report); !lines.empty()) text += "\nThresholds\n" + lines;
  return text;
}

}  // namespace strata
