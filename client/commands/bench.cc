#include "client/commands/bench.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>

#include "base/build_id.h"
#include "base/clock.h"
#include "client/bench/bench_flags.h"
#include "client/bench/bench_ids.h"
#include "client/bench/bench_json.h"
#include "client/bench/bench_text.h"
#include "client/bench/kept_answers.h"
#include "client/exit_status.h"
#include "client/export_reader.h"
#include "client/flags.h"
#include "client/id_file.h"
#include "client/interrupts.h"
#include "client/session.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr char kClearLine[] = "\r\x1b[K";  // ECMA-48: to the line's start, erase to its end

// The one line that is drawn over on a terminal; a line per second elsewhere.
class LiveLine {
 public:
  LiveLine(const Console& console, bool closed) : console_(console), closed_(closed) {}
  void Show(const SecondLine& line) const {
    const std::string text = BenchSecondLine(line, closed_);
    if (console_.err_is_terminal) {
      *console_.err << kClearLine << text << std::flush;
    } else {
      console_.Note(text);
    }
  }
  void End() const {
    if (console_.err_is_terminal) *console_.err << kClearLine << std::flush;
  }

 private:
  const Console& console_;
  bool closed_;
};

class Stopwatch {
 public:
  explicit Stopwatch(const NanoClock& clock) : clock_(clock), start_ns_(clock.NowNs()) {}
  double seconds() const { return static_cast<double>(clock_.NowNs() - start_ns_) * 1e-9; }

 private:
  const NanoClock& clock_;
  int64_t start_ns_;
};

// What a run needs before it can begin.
struct Preparation {
  Session session;  // with the first target
  IdPool ids;
  std::unique_ptr<ExportReader> expect;  // null: the target is asked
};

absl::StatusOr<IdPool> FindIds(const BenchFlags& flags, const Session& session, IdFacts* facts) {
  if (flags.ids.empty()) return IdsOfTarget(*session.connection, session.snapshot, facts);
  int64_t empty_lines = 0;
  STRATA_ASSIGN_OR_RETURN(std::vector<std::string> ids, ReadIdFile(flags.ids, std::cin, &empty_lines));
  const std::string name = flags.ids == "-" ? "standard input" : flags.ids;
  return IdsOfFile(*session.connection, session.snapshot, std::move(ids), name, facts);
}

// Every target must know the job: a mistyped one would only show as errors of every second call.
absl::Status CheckTargets(const LoadPlan& plan, const std::string& job) {
  for (const std::string& target : plan.targets) {
    StateFlags state;
    state.target = target;
    state.job = job;
    STRATA_RETURN_IF_ERROR(OpenSession(state).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<Preparation> Prepare(const BenchFlags& flags, const NanoClock& clock, BenchReport* report) {
  Preparation ready;
  LoadPlan& plan = report->plan;
  StateFlags state;
  state.target = plan.targets.front();
  state.job = flags.job;
  state.snapshot = flags.snapshot;
  if (!flags.expect.empty()) {
    STRATA_ASSIGN_OR_RETURN(ready.expect, OpenParquetExport(flags.expect));
  }
  STRATA_ASSIGN_OR_RETURN(ready.session, OpenSession(state));
  plan.snapshot = ready.session.snapshot;
  if (ready.expect != nullptr && ready.expect->facts().job != plan.snapshot.job) {
    return FlagInvalid(
        "--expect", flags.expect,
        fmt::format("is an export of job {}, but job {} is asked", ready.expect->facts().job, plan.snapshot.job));
  }
  STRATA_RETURN_IF_ERROR(CheckTargets(plan, plan.snapshot.job));
  const Stopwatch watch(clock);
  STRATA_ASSIGN_OR_RETURN(ready.ids, FindIds(flags, ready.session, &report->ids));
  if (plan.keys.unknown_ratio > 0) {
    const SnapshotName snapshot = {.job = plan.snapshot.job, .number = ready.ids.snapshot};
    STRATA_RETURN_IF_ERROR(AddUnknownIds(*ready.session.connection, snapshot, plan.keys.seed, &ready.ids));
  }
  report->ids.seconds = watch.seconds();
  return ready;
}

// The file where it is of that snapshot, else the first target.
absl::Status ReadSnapshot(const Preparation& ready, int64_t snapshot,
                          const std::function<absl::Status(const ScoreRows&)>& on_rows) {
  if (ready.expect != nullptr && ready.expect->facts().snapshot == snapshot) return ready.expect->Read(on_rows);
  const SnapshotName name = {.job = ready.session.job, .number = snapshot};
  return ready.session.connection->Export(name, [&on_rows](const ExportChunk& chunk) { return on_rows(chunk.rows); });
}

int StatusOf(const BenchReport& report, const Console& console) {
  int status = kExitDone;
  for (const ThresholdLine& line : ThresholdsOf(report)) {
    if (line.kept) continue;
    console.Note(
        fmt::format("strata: {} {} was missed: found {}", line.flag, line.allowed, Significant(line.found, 4)));
    status = kExitThresholdMissed;
  }
  if (report.wrong_answers()) {
    console.Note(fmt::format("strata: error: {}, for example: {}",
                             Counted(report.load.checks.wrong, "wrong answer", "wrong answers"),
                             report.load.checks.examples.front()));
    return kExitFailed;
  }
  if (report.kept.failed) {
    console.Note("strata: error: not all answers could be verified: " + report.kept.notes.front());
    return kExitFailed;
  }
  if (report.load.interrupted) {
    console.Note("strata: error: interrupted; the report is of the part that ran");
    return kExitFailed;
  }
  return status;
}

// Before and after the load there is nothing to stop and no report to save.
std::function<void()> GiveUp(const Console& console) {
  return [&console] {
    console.Note("strata: error: interrupted");
    std::_Exit(kExitFailed);
  };
}

absl::StatusOr<BenchReport> RunBench(const BenchFlags& flags, const Interrupts& interrupts, const Console& console) {
  const SystemNanoClock clock;
  BenchReport report;
  STRATA_ASSIGN_OR_RETURN(report.plan, ReadBenchPlan(flags));
  STRATA_ASSIGN_OR_RETURN(report.thresholds, ReadBenchThresholds(flags));
  std::optional<InterruptWatch> watch(std::in_place, interrupts, GiveUp(console));
  STRATA_ASSIGN_OR_RETURN(const Preparation ready, Prepare(flags, clock, &report));
  watch.reset();
  console.Note(fmt::format("{} of job {}, snapshot {}, from {}: {}", Counted(report.ids.known, "id", "ids"),
                           ready.session.job, ready.ids.snapshot, report.ids.source, Duration(report.ids.seconds)));
  console.Note(BenchPlanLine(report.plan));
  report.environment = {.build = BuildVersion(),
                        .grpc = grpc::Version(),
                        .cores = static_cast<int>(std::thread::hardware_concurrency()),
                        .date_ms = SystemClock().WallMs()};
  const LiveLine live(console, report.plan.closed);
  const LoadRunHooks hooks = {.wait = [&interrupts](int64_t timeout_ms) { return interrupts.Wait(timeout_ms); },
                              .on_second = [&live](const SecondLine& line) { live.Show(line); },
                              .on_ended = nullptr};
  auto load = RunLoad(report.plan, ready.ids, clock, hooks);
  live.End();
  if (!load.ok()) return load.status();
  report.load = *std::move(load);
  if (!report.plan.verify) return report;
  watch.emplace(interrupts, GiveUp(console));
  const Stopwatch compare_time(clock);
  const SnapshotReader read = [&ready](int64_t snapshot, const auto& on_rows) {
    return ReadSnapshot(ready, snapshot, on_rows);
  };
  report.kept = CompareKept(ready.ids, read, &report.load.checks);
  report.kept.seconds = compare_time.seconds();
  return report;
}

int Bench(const BenchFlags& flags, const Console& console) {
  const Interrupts interrupts;  // before any thread
  const auto report = RunBench(flags, interrupts, console);
  if (!report.ok()) return Fail(console, report.status(), flags.json);
  if (flags.json) {
    console.PrintLine(BenchJson(*report));
    for (const BenchWarning& warning : WarningsOf(*report)) console.Note("strata: warning: " + warning.text);
  } else {
    console.Print(BenchText(*report));
  }
  return StatusOf(*report, console);
}

void AddLoadFlags(CLI::App* command, BenchFlags* flags) {
  command->add_option("--method", flags->method, "get: GetScore; lookup: LookupScores")
      ->type_name("get|lookup")
      ->capture_default_str();
  AllowRange(command->add_option("--batch", flags->batch, "ids per LookupScores (default: 100)")->type_name("N"), 1,
             kMaxLookupIds);
  command->add_option("--rate", flags->rate, "open loop: so many requests a second, whatever the server does")
      ->type_name("R");
  command->add_option("--arrivals", flags->arrivals, "spacing of an open loop (default: constant)")
      ->type_name("constant|poisson");
  command->add_flag("--closed", flags->closed, "closed loop: every slot asks again when it is answered");
  const auto number = [command](const char* flag, int64_t* value, int64_t min, int64_t max, const char* text) {
    AllowRange(command->add_option(flag, *value, text)->type_name("N")->capture_default_str(), min, max);
  };
  number("--connections", &flags->connections, 1, kConnectionsMax, "TCP connections, dealt to the targets in turn");
  number("--in-flight", &flags->in_flight, 1, kInFlightMax, "requests under way per connection, at most");
  number("--threads", &flags->threads, 1, kThreadsMax, "drivers; more where one is the limit");
  number("--duration-s", &flags->duration_s, 1, kDurationMsMax / 1000, "the measured window");
  number("--warmup-s", &flags->warmup_s, 0, kWarmupMsMax / 1000, "before it, not measured");
  number("--deadline-ms", &flags->deadline_ms, 1, kDeadlineMsMax, "of each call, from its sending");
}

void AddQuestionFlags(CLI::App* command, BenchFlags* flags) {
  command->add_option("--keys", flags->keys, "which ids: uniform, zipf:S, or file for those of --ids in their order")
      ->type_name("LAW")
      ->capture_default_str();
  command
      ->add_option("--ids", flags->ids, "one customer id a line (default: taken from the target); - for standard input")
      ->type_name("FILE");
  command->add_option("--unknown-ratio", flags->unknown_ratio, "share of questions about ids that do not exist, 0 to 1")
      ->type_name("U")
      ->capture_default_str();
  AllowRange(command->add_option("--seed", flags->seed, "of arrivals and keys")->type_name("N")->capture_default_str(),
             0, INT64_MAX);
  command->add_option("--expect", flags->expect, "compare with this Parquet export instead of asking the target again")
      ->type_name("FILE");
  command->add_flag("--no-verify", flags->no_verify, "do not check that answers are right");
}

void AddThresholdFlags(CLI::App* command, BenchFlags* flags) {
  const auto add = [command](const char* flag, std::string* value, const char* text, const char* type) {
    command->add_option(flag, *value, text)->type_name(type);
  };
  add("--max-p50-ms", &flags->max_p50_ms, "threshold: median latency", "MS");
  add("--max-p90-ms", &flags->max_p90_ms, "threshold: 90th percentile", "MS");
  add("--max-p99-ms", &flags->max_p99_ms, "threshold: 99th percentile", "MS");
  add("--max-p999-ms", &flags->max_p999_ms, "threshold: 99.9th percentile", "MS");
  add("--max-error-ratio", &flags->max_error_ratio, "threshold: errors and never sent, of all requests, 0 to 1", "X");
  add("--min-rate-ratio", &flags->min_rate_ratio, "threshold: answered to asked rate of an open loop, 0 to 1", "X");
  add("--max-client-cpu-ratio", &flags->max_client_cpu_ratio, "threshold: time that this client computes, 0 to 1", "X");
}

}  // namespace

void AddBenchCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<BenchFlags>();
  CLI::App* command = program->add_subcommand("bench", "how much a server can carry, and whether it answers right");
  command->add_option("--target", flags->target, "the server to load; several with commas between")
      ->required()
      ->type_name("HOST:PORT");
  command->add_option("--job", flags->job, "the job; needed where there is more than one")->type_name("NAME");
  AllowRange(command->add_option("--snapshot", flags->snapshot, "a certain snapshot (default: the current one)")
                 ->type_name("N"),
             1, kMaxNumber);
  AddLoadFlags(command, flags.get());
  AddQuestionFlags(command, flags.get());
  AddThresholdFlags(command, flags.get());
  AddJsonFlag(command, &flags->json);
  command->footer(
      "Latency counts from the moment a request was due, so that a stall of the server shows in full. Answers are\n"
      "verified; a wrong one is an error. docs/bench.md says what every figure means.\n\n"
      "Exit status: 0 done; 1 a wrong answer, or no run; 2 bad usage; 3 a threshold was missed.\n\n"
      "Examples:\n"
      "  strata bench --target 127.0.0.1:7070 --rate 5000 --arrivals poisson --max-p99-ms 5\n"
      "  strata bench --target a:7070,b:7070 --closed --method lookup --batch 1000 --json");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Bench(*flags, context->console); }; });
}

}  // namespace strata
