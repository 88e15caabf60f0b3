#include "client/text/top_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/date.h"
#include "client/text/numbers.h"
#include "client/text/progress.h"
#include "client/text/table.h"

namespace strata {
namespace {

constexpr char kIndent[] = "  ";
constexpr size_t kMaxTasksShown = 6;  // of a worker; a line has room for no more
constexpr double kMsPerSecond = 1e3;
constexpr char kPackage[] = "strata.v1.";

double Seconds(int64_t ms) { return static_cast<double>(ms) / kMsPerSecond; }

std::string StateOf(const WorkerFacts& worker) {
  if (!worker.connected) return "disconnected";
  return worker.eligible ? "ready" : "other build";
}

// "map 3, 7, score 1 and 2 more".
std::string WorkOf(const WorkerFacts& worker) {
  if (worker.tasks.empty()) return "idle";
  std::string text;
  Stage last = Stage::kPublish;  // no task is of it
  for (size_t i = 0; i < std::min(worker.tasks.size(), kMaxTasksShown); ++i) {
    const WorkerFacts::Task& task = worker.tasks[i];
    if (i > 0) text += ", ";
    if (task.stage != last || task.shards > 0) text += fmt::format("{} ", Name(task.stage));
    text += task.shards > 0 ? Counted(task.shards, "shard", "shards") : std::to_string(task.index);
    last = task.stage;
  }
  if (worker.tasks.size() > kMaxTasksShown) {
    text += fmt::format(" and {} more", worker.tasks.size() - kMaxTasksShown);
  }
  return text;
}

std::string WorkersText(const CoordinatorFacts& facts) {
  uint32_t slots = 0;
  size_t ready = 0;
  for (const WorkerFacts& worker : facts.workers) {
    if (!worker.connected || !worker.eligible) continue;
    ++ready;
    slots += worker.slots;
  }
  std::string text = fmt::format("Workers: {} ready, {}\n", ready, Counted(slots, "slot", "slots"));
  if (facts.workers.empty()) return text;
  Table table({{"worker"}, {"state"}, {"slots", Align::kRight}, {"work"}});
  for (size_t i = 0; i < std::min(facts.workers.size(), kMaxWorkersShown); ++i) {
    const WorkerFacts& worker = facts.workers[i];
    table.AddRow({worker.id, StateOf(worker), Grouped(worker.slots), WorkOf(worker)});
  }
  text += table.Render(kIndent);
  if (facts.workers.size() > kMaxWorkersShown) {
    text += fmt::format("{}and {} more\n", kIndent, facts.workers.size() - kMaxWorkersShown);
  }
  return text;
}

std::string RunText(const CoordinatorFacts& facts, int64_t now_ms) {
  if (!facts.run.has_value()) return "Run: none\n";
  const RunProgressFacts& progress = facts.run->progress;
  std::string text = fmt::format("Run: {} of job {}, {}", progress.run, progress.job,
                                 Duration(Seconds(std::max<int64_t>(0, now_ms - facts.run->started_ms))));
  if (progress.rows_read > 0) text += fmt::format(", {}", Counted(progress.rows_read, "new row", "new rows"));
  text += "\n";
  if (!progress.message.empty()) text += fmt::format("{}{}\n", kIndent, Printable(progress.message));
  for (const RunProgressFacts::StageTasks& tasks : progress.stages) {
    StageProgress line{.stage = Name(tasks.stage)};
    if (tasks.stage != progress.stage) {
      text += fmt::format("{}{:<8} [{:#<20}]  done\n", kIndent, line.stage, "");
      continue;
    }
    line.workers = progress.workers;
    line.seconds = facts.run->stage_seconds;
    (tasks.stage == Stage::kFit ? line.round : line.done) = tasks.done;
    line.total = tasks.total;
    text += kIndent + ProgressBar(line) + "\n";
  }
  return text;
}

std::string QueueText(const CoordinatorFacts& facts) {
  std::string text;
  for (const RunName& run : facts.queued)
    text += fmt::format("{}waiting: run {} of job {}\n", kIndent, run.number, run.job);
  return text;
}

std::string RecentText(const CoordinatorFacts& facts, int64_t now_ms) {
  if (facts.recent.empty()) return "Recent runs: none\n";
  Table table({{"job"},
               {"run", Align::kRight},
               {"outcome"},
               {"as of"},
               {"customers", Align::kRight},
               {"rows", Align::kRight},
               {"rejected", Align::kRight},
               {"took", Align::kRight},
               {"ended"}});
  for (const RunSummary& run : facts.recent) {
    table.AddRow({run.job, std::to_string(run.run), Name(run.state), run.as_of.empty() ? kNothing : run.as_of,
                  Grouped(run.customers), Grouped(run.rows.read), Grouped(run.rows.rejected),
                  Duration(run.seconds_total), Age(std::max<int64_t>(0, now_ms - run.finished_ms) / 1000) + " ago"});
  }
  return "Recent runs\n" + table.Render(kIndent);
}

std::string SnapshotsText(const std::vector<ServedFacts>& snapshots) {
  if (snapshots.empty()) return "Snapshots: none\n";
  Table table({{"job"},
               {"snapshot", Align::kRight},
               {"generation", Align::kRight},
               {"as of"},
               {"customers", Align::kRight},
               {"age"}});
  std::string problems;
  for (const ServedFacts& served : snapshots) {
    const bool loaded = served.snapshot != 0;
    table.AddRow({served.job, loaded ? std::to_string(served.snapshot) : kNothing,
                  served.generation == 0 ? kNothing : std::to_string(served.generation),
                  loaded ? FormatDay(served.as_of) : kNothing, loaded ? Grouped(served.customers) : kNothing,
                  loaded ? Age(served.age_ms / 1000) : kNothing});
    if (!served.problem.empty()) {
      problems += fmt::format("{}{}: snapshot {} is current and not served: {}\n", kIndent, served.job, served.current,
                              Printable(served.problem));
    }
  }
  return "Snapshots served\n" + table.Render(kIndent) + problems;
}

std::string CallsText(const std::vector<MethodRates>& rates) {
  if (rates.empty()) return "Calls: none yet\n";
  Table table({{"method"},
               {"calls/s", Align::kRight},
               {"p50", Align::kRight},
               {"p99", Align::kRight},
               {"in flight", Align::kRight},
               {"calls", Align::kRight},
               {"errors", Align::kRight}});
  for (const MethodRates& rate : rates) {
    const std::string name =
        rate.method.starts_with(kPackage) ? rate.method.substr(std::size(kPackage) - 1) : rate.method;
    table.AddRow({name, Fixed(rate.calls_per_second, 1), Latency(rate.p50_seconds), Latency(rate.p99_seconds),
                  Grouped(rate.in_flight), Grouped(rate.calls), Grouped(rate.errors)});
  }
  return "Calls\n" + table.Render(kIndent);
}

}  // namespace

std::string Latency(double seconds) {
  if (std::isnan(seconds)) return kNothing;
  if (seconds < 1e-6) return fmt::format("{:.0f} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.{}f} us", seconds * 1e6, seconds < 1e-5 ? 1 : 0);
  if (seconds < 1) return fmt::format("{:.{}f} ms", seconds * 1e3, seconds < 1e-2 ? 1 : 0);
  return fmt::format("{:.1f} s", seconds);
}

std::string TopScreen(const std::string& target, const ClusterStatus& status, const std::vector<MethodRates>& rates) {
  std::string text =
      fmt::format("{} {} at {}, up {}, {}\n", Printable(status.program), Printable(status.version), Printable(target),
                  Duration(Seconds(std::max<int64_t>(0, status.now_ms - status.started_ms))), UtcTime(status.now_ms));
  if (status.coordinator.has_value()) {
    const CoordinatorFacts& facts = *status.coordinator;
    text += facts.leading ? fmt::format("leads in term {}: {}\n\n", facts.term, Printable(facts.holder))
                          : std::string("does not lead\n\n");
    text += WorkersText(facts) + "\n" + RunText(facts, status.now_ms) + QueueText(facts) + "\n";
  } else {
    text += "no coordinator: shows what this server answers from\n\n";
  }
  text += SnapshotsText(status.snapshots) + "\n" + CallsText(rates);
  if (status.coordinator.has_value()) text += "\n" + RecentText(*status.coordinator, status.now_ms);
  return text;
}

}  // namespace strata
