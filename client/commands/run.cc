#include "client/commands/run.h"

#include <sys/random.h>

#include <CLI/CLI.hpp>

#include "client/backfill.h"
#include "client/embedded/embedded_run.h"
#include "client/embedded/local_state.h"
#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/run_options.h"
#include "client/run_target.h"
#include "client/text/run_report.h"
#include "run/job_file.h"

namespace strata {
namespace {

absl::StatusOr<RunSummary> RunHere(const RunOptions& options, const Console& console) {
  const Interrupts interrupts;  // before any thread
  std::stop_source stop;
  const InterruptWatch watch(interrupts, [&stop, &console] {
    console.Note("\nstrata: ending the run; once more to end at once");
    stop.request_stop();
  });
  ProgressPrinter progress(console.err, console.err_is_terminal);
  EmbeddedRunOptions embedded{.job_path = options.job_path,
                              .state = options.state.place(),
                              .workers = options.workers.value_or(1),
                              .threads = options.threads.value_or(0),
                              .kernels = options.kernels,
                              .memory_limit_bytes = options.memory_limit_bytes,
                              .as_of = options.as_of,
                              .follows = options.follows,
                              .activation = options.activation,
                              .rebuild_ledger = options.rebuild_ledger,
                              .ledger_only = options.ledger_only,
                              .verify_sources = options.verify_sources,
                              .ignore_veto = options.ignore_veto,
                              .backfill = options.is_backfill,
                              .request_id = options.request_id,
                              .stop = stop.get_token(),
                              .on_note = [&console](const std::string& note) { console.Note("strata: " + note); }};
  auto summary = RunEmbedded(embedded, [&progress](const ProgressLine& line) {
    const bool has_tasks = line.stage != Name(Stage::kFit) && line.stage != Name(Stage::kPublish);
    progress.Update({.stage = line.stage,
                     .done = has_tasks ? line.done : 0,
                     .total = has_tasks ? line.total : 0,
                     .round = line.stage == Name(Stage::kFit) ? int64_t{line.round} : 0,
                     .workers = line.workers,
                     .seconds = line.seconds});
  });
  progress.Finish(summary.ok() && summary->published);
  return summary;
}

absl::StatusOr<RunSummary> RunThere(RunOptions options, const Connection& connection, const Console& console) {
  const Interrupts interrupts;
  const SystemClock clock;
  if (options.request_id.empty()) {
    uint64_t bits[2];
    if (getrandom(bits, sizeof(bits), 0) != static_cast<ssize_t>(sizeof(bits))) {
      return MakeError(absl::StatusCode::kInternal, "SYSTEM_CALL_FAILED",
                       "no random numbers for a request id; give --request-id");
    }
    options.request_id = RequestIdOf(bits[0], bits[1]);
  }
  STRATA_ASSIGN_OR_RETURN(const RunName run, SubmitRun(connection, options));
  ProgressPrinter progress(console.err, console.err_is_terminal);
  progress.Say("run " + std::to_string(run.number) + " of job " + run.job + " is submitted to " + options.state.target);
  return FollowRun(connection, run, WhereWords(options.state), interrupts, clock, &progress);
}

// What the new snapshot says, for the report; a report without it is better than none.
std::optional<RunFindings> Findings(const RunSummary& summary, const Connection& connection, const Console& console) {
  const SnapshotName name{.job = summary.job, .number = summary.snapshot};
  auto segments = connection.Segments(name);
  auto models = segments.ok() ? connection.Models(name) : absl::StatusOr<ModelsAnswer>(segments.status());
  if (!models.ok()) {
    console.Note("strata: warning: the report lacks segments and models: " +
                 std::string(StdView(models.status().message())));
    return std::nullopt;
  }
  return RunFindings{.currency = models->info.currency,
                     .segments = std::move(segments->segments),
                     .models = std::move(models->models),
                     .active_customers = models->active_customers};
}

// Where the reader finds the state and, where there are several, the job.
ReportPlace PlaceNext(const RunOptions& options, const RunSummary& summary, const Connection* connection) {
  ReportPlace place = PlaceOf(options.state);
  if (connection == nullptr) return place;
  const auto jobs = connection->Jobs();
  if (!jobs.ok() || jobs->size() > 1) place.where += " --job " + summary.job;
  return place;
}

int Report(const RunSummary& summary, const RunOptions& options, const Connection* connection, const Console& console) {
  const int status = ExitStatusOf(summary, options.activation == Activation::kNoActivate);
  if (const absl::Status error = ErrorOf(summary); !error.ok()) {
    console.Note("strata: error: " + std::string(StdView(error.message())));
  }
  if (options.state.json) {
    console.PrintLine(summary.ToJson());
    return status;
  }
  std::optional<RunFindings> findings;
  if (summary.published && connection != nullptr) findings = Findings(summary, *connection, console);
  console.Print(
      RunReport(summary, findings.has_value() ? &*findings : nullptr, PlaceNext(options, summary, connection)));
  return status;
}

absl::StatusOr<std::map<Day, int64_t>> PublishedThere(const Connection& connection, const std::string& job) {
  std::map<Day, int64_t> published;
  const auto ledger = connection.Ledger(job);
  if (ledger.status().code() == absl::StatusCode::kNotFound) return published;
  if (!ledger.ok()) return ledger.status();
  STRATA_ASSIGN_OR_RETURN(const auto snapshots, connection.Snapshots(job));
  for (const ListedSnapshot& snapshot : snapshots) {  // newest first
    if (snapshot.record.ledger_version != ledger->version.version) continue;
    published.emplace(snapshot.record.as_of, snapshot.record.number);
  }
  return published;
}

// Of a backfill: the dates that are there already.
absl::StatusOr<std::map<Day, int64_t>> Published(const RunOptions& options, const Connection* connection) {
  if (!options.skip_published) return std::map<Day, int64_t>();
  STRATA_ASSIGN_OR_RETURN(const std::string yaml, ReadJobFile(options.job_path));
  STRATA_ASSIGN_OR_RETURN(const Job job, ParseJob(yaml, options.job_path));
  return connection != nullptr ? PublishedThere(*connection, job.name)
                               : PublishedInState(options.state.place(), job.name);
}

int RunBackfill(const RunOptions& options, const Connection* connection, const Console& console) {
  const auto published = Published(options, connection);
  if (!published.ok()) return Fail(console, published.status(), options.state.json);
  const auto run = [&](const RunOptions& one) {
    return connection != nullptr ? RunThere(one, *connection, console) : RunHere(one, console);
  };
  return Backfill(options, *published, run, console);
}

int Run(RunOptions options, const RunFlagTexts& texts, const Console& console) {
  const bool json = options.state.json;
  if (const absl::Status status = ReadRunFlags(texts, &options); !status.ok()) return Fail(console, status, json);
  if (options.state.remote()) {
    const auto connection = Connection::ToTarget(options.state.target);
    if (!connection.ok()) return Fail(console, connection.status(), json);
    if (!options.backfill.empty()) return RunBackfill(options, connection->get(), console);
    const auto summary = RunThere(options, **connection, console);
    if (!summary.ok()) return Fail(console, summary.status(), json);
    return Report(*summary, options, connection->get(), console);
  }
  // A job that cannot be read is told before a state folder is made for it.
  if (const auto job = ReadJobFile(options.job_path); !job.ok()) return Fail(console, job.status(), json);
  if (!options.backfill.empty()) return RunBackfill(options, nullptr, console);
  const auto summary = RunHere(options, console);
  if (!summary.ok()) return Fail(console, summary.status(), json);
  if (json || !summary->published) return Report(*summary, options, nullptr, console);
  const auto connection = OpenLocalState(options.state.place(), options.state.max_age_hours);
  if (!connection.ok()) console.Note("strata: warning: " + std::string(StdView(connection.status().message())));
  return Report(*summary, options, connection.ok() ? connection->get() : nullptr, console);
}

}  // namespace

absl::StatusOr<RunSummary> ExecuteJob(const RunOptions& options, const Console& console) {
  if (!options.state.remote()) {
    // A job that cannot be read is told before a state folder is made for it.
    STRATA_RETURN_IF_ERROR(ReadJobFile(options.job_path).status());
    return RunHere(options, console);
  }
  STRATA_ASSIGN_OR_RETURN(const auto connection, Connection::ToTarget(options.state.target));
  return RunThere(options, *connection, console);
}

void AddJobOptions(CLI::App* command, RunOptions* options) {
  command->add_option("JOB.yaml", options->job_path, "the job file")->required();
  AddStateOption(command, &options->state, "the state folder, made when missing (default: .strata)");
  command->add_option("--target", options->state.target, "submit to the coordinator at this address and follow the run")
      ->type_name("HOST:PORT");
  CLI::Option* workers = command->add_option("--workers", options->workers,
                                             "workers in this process (default: 1); the result never depends on it");
  AllowRange(workers->type_name("N"), 1, kMaxEmbeddedWorkers);
  CLI::Option* threads = command->add_option("--threads", options->threads,
                                             "threads of each worker; 0: the machine's cores shared out (default)");
  AllowRange(threads->type_name("N"), 0, kMaxEmbeddedThreads);
}

void AddRunCommand(CLI::App* program, CommandContext* context) {
  const auto options = std::make_shared<RunOptions>();
  const auto texts = std::make_shared<RunFlagTexts>();
  CLI::App* command = program->add_subcommand("run", "run a job: from its sources to a published snapshot");
  AddJobOptions(command, options.get());
  command
      ->add_option("--kernels", texts->kernels,
                   "vector instructions to compute with: auto (default: the widest of this machine), avx512, avx2 or "
                   "plain; the result never depends on it")
      ->type_name("WIDTH");
  command
      ->add_option("--memory-limit", texts->memory_limit,
                   "what the tasks may hold in memory, e.g. 2GiB (default: no limit); the program itself comes on top, "
                   "128MiB at most")
      ->type_name("BYTES");
  command
      ->add_option("--as-of", texts->as_of,
                   "the last day that counts (default: the job's, or the newest day with data); FIRST..LAST runs "
                   "every day of the range, oldest first, without activation")
      ->type_name("YYYY-MM-DD[..YYYY-MM-DD]");
  AllowRange(
      command->add_option("--every", texts->every_days, "of a range: every Nth day from the first on (default: 1)")
          ->type_name("N"),
      1, kMaxBackfillStepDays);
  command->add_flag("--skip-published", options->skip_published,
                    "of a range: leave out dates of which there is a snapshot of the ledger as it is now");
  command->add_option("--follows", texts->follows, "the snapshot to follow (default: the newest with an earlier date)")
      ->type_name("N|none");
  command->add_flag("--activate", texts->activate,
                    "let the snapshot answer even if its date lies before the current one's; of a range, the last "
                    "date's");
  command->add_flag("--no-activate", texts->no_activate, "publish the snapshot without letting it answer");
  command->add_flag("--rebuild-ledger", options->rebuild_ledger, "build the ledger anew from the sources");
  command->add_flag("--verify-sources", options->verify_sources, "read known files again and compare their checksums");
  command->add_flag("--ignore-veto", options->ignore_veto,
                    "publish although veto rules of the job speak against it; they become warnings");
  command->add_option("--request-id", options->request_id, "repeating a request with its id finds the same run")
      ->type_name("ID");
  AddJsonFlag(command, &options->state.json);
  command->footer(
      "Progress and errors go to the standard error, the summary to the standard output. Ctrl-C ends a run in this "
      "process;\n"
      "with --target it only stops following.\n\n"
      "Exit status: 0 done; 2 bad usage, or a job, flag or source that cannot be read as described, the error budget\n"
      "included; 1 everything else. Not activated is 0 only with --no-activate, for a date before the current "
      "snapshot's,\n"
      "or in a range. A range stops at the first date that fails; with --json it prints an object a line.\n\n"
      "Examples:\n"
      "  strata run job.yaml\n"
      "  strata run job.yaml --state /var/lib/strata --as-of 2024-03-31 --json\n"
      "  strata run job.yaml --as-of 2024-01-31..2024-03-31 --every 7\n"
      "  strata run job.yaml --target coordinator.internal:7070");
  command->callback([options, texts, context] {
    context->action = [options, texts, context] { return Run(*options, *texts, context->console); };
  });
}

}  // namespace strata
