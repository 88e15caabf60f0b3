#include "client/embedded/embedded_run.h"

#include <fmt/format.h>
#include <tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/build_id.h"
#include "base/process_memory.h"
#include "coordinator/finish/finish.h"
#include "coordinator/lead_keeper.h"
#include "coordinator/night/night.h"
#include "coordinator/run_control.h"
#include "coordinator/run_recovery.h"
#include "coordinator/serial_executor.h"
#include "data/reports/report_plan.h"
#include "run/job_file.h"
#include "store/state.h"
#include "worker/worker.h"

namespace strata {
namespace {

// A thread of this process cannot vanish the way a machine does, so its lease never ends.
constexpr int64_t kEmbeddedLeaseMs = int64_t{1} << 50;

class InProcessLink final : public WorkerLink {
 public:
  explicit InProcessLink(Worker* worker) : worker_(worker) {}
  void Send(const ToWorker& frame) override { worker_->Receive(frame); }
  void Close() override {}  // there is no session to end

 private:
  Worker* worker_;
};

absl::Status CheckOptions(const EmbeddedRunOptions& options) {
  if (options.workers < 1 || options.workers > kMaxEmbeddedWorkers) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                     fmt::format("--workers {}: allowed are 1 to {}", options.workers, kMaxEmbeddedWorkers),
                     {{"flag", "--workers"}});
  }
  if (options.threads < 0 || options.threads > kMaxEmbeddedThreads) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                     fmt::format("--threads {}: allowed are 0 (all cores) to {}", options.threads, kMaxEmbeddedThreads),
                     {{"flag", "--threads"}});
  }
  return absl::OkStatus();
}

absl::StatusOr<NightRequest> ReadRequest(const EmbeddedRunOptions& options, FileSystem& files) {
  STRATA_ASSIGN_OR_RETURN(const FileInfo info, files.Stat(options.job_path));
  if (info.is_directory || info.size_bytes > kMaxJobFileBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "JOB_INVALID",
                     fmt::format("{}: a job is a file of at most {} bytes", options.job_path, kMaxJobFileBytes),
                     {{"file", options.job_path}});
  }
  NightRequest request;
  STRATA_ASSIGN_OR_RETURN(request.job_yaml, files.ReadRange(options.job_path, 0, info.size_bytes));
  STRATA_ASSIGN_OR_RETURN(request.job, ParseJob(request.job_yaml, options.job_path));
  STRATA_RETURN_IF_ERROR(CheckReportNames(request.job, options.job_path));
  request.job_folder = std::filesystem::absolute(options.job_path).parent_path().lexically_normal().string();
  request.as_of = options.as_of;
  request.follows = options.follows;
  request.activation = options.activation;
  request.rebuild_ledger = options.rebuild_ledger;
  request.ledger_only = options.ledger_only;
  request.verify_sources = options.verify_sources;
  request.ignore_veto = options.ignore_veto;
  request.backfill = options.backfill;
  return request;
}

void ReportProgress(const RunProgress& progress, const std::function<void(const ProgressLine&)>& on_progress) {
  on_progress({.stage = Name(progress.plan.stage),
               .done = progress.plan.done,
               .total = progress.plan.total,
               .round = progress.plan.round,
               .workers = progress.plan.workers,
               .seconds = progress.seconds_in_stage});
}

int ThreadsOfAWorker(const EmbeddedRunOptions& options) {
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return options.threads > 0 ? options.threads : std::max(1, cores / options.workers);
}

// Workers on threads of this process, joined to the driver for as long as this object lives.
class EmbeddedWorkers {
 public:
  EmbeddedWorkers(const EmbeddedRunOptions& options, const StateSeams& seams, Driver* driver) {
    const int threads = ThreadsOfAWorker(options);
    ComputeOptions compute{.kernels = options.kernels};
    if (options.memory_limit_bytes > 0) {
      compute.memory = std::make_shared<MemoryBudget>(options.memory_limit_bytes);
      compute.memory_sharers = static_cast<uint32_t>(options.workers);
    }
    for (int i = 0; i < options.workers; ++i) {
      executors_.push_back(
          std::make_unique<TaskExecutor>(seams.sources, seams.objects, std::function<void(Stage, int64_t)>(), compute));
      const WorkerId id = fmt::format("embedded-{:02}", i);
      workers_.push_back(
          std::make_unique<Worker>(Worker::Options{.id = id, .build_id = {}, .slots = static_cast<uint32_t>(threads)},
                                   executors_.back().get(), [driver, id](const FromWorker& frame) {
                                     driver->Post(FrameReceived{id, frame});
                                   }));
      driver->Join(workers_.back()->Introduce(), std::make_shared<InProcessLink>(workers_.back().get()));
    }
  }

 private:
  std::vector<std::unique_ptr<TaskExecutor>> executors_;
  std::vector<std::unique_ptr<Worker>> workers_;  // after the executors: stops first
};

// An abandoned run goes on when it is what this call asks for and would see: the same request of the same day over the
// same files. Whoever adds a file and runs again wants it read.
std::string WhyNotResume(const StateSeams& seams, const NightRequest& request, const RunRequestRecord& wanted,
                         const std::string& request_id, const RunRequestRecord& asked, const RunSummary& summary) {
  if (summary.job != request.job.name) return fmt::format("this process runs job {}", request.job.name);
  if (asked != wanted || summary.request_id != request_id) return "something else is asked for now";
  const bool dated = request.as_of.has_value() || request.job.as_of.has_value();
  if (!dated) {
    const auto then = DayBefore(request.job, summary.started_ms);
    const auto now = DayBefore(request.job, seams.clock->WallMs());
    if (!then.ok() || !now.ok() || *then != *now) return "it was begun on another day";
  }
  const auto same = SourcesAreAsListed(seams, request, summary.run);
  if (!same.ok()) return std::string(StdView(same.status().message()));
  return *same ? "" : "the sources have changed since";
}

absl::StatusOr<BegunRun> BeginOrResume(const StateSeams& seams, const Leadership& leadership,
                                       const EmbeddedRunOptions& options, const std::string& objects_folder,
                                       NightRequest* request) {
  STRATA_RETURN_IF_ERROR(TakeOver(seams, leadership, objects_folder));
  const RunRequestRecord wanted = AskedFor(*request, RunningBuildId());
  const auto why_not = [&](const RunRequestRecord& asked, const RunSummary& summary) {
    return WhyNotResume(seams, *request, wanted, options.request_id, asked, summary);
  };
  STRATA_ASSIGN_OR_RETURN(
      std::vector<ResumedRun> resumed,
      RecoverRuns(seams, leadership, {.build_id = wanted.build_id, .is_mine = {}, .why_not = why_not}));
  CollectLeftovers(seams, leadership).IgnoreError();  // nobody reads them; the next run tries again
  if (resumed.empty()) return BeginRun(seams, leadership, request->job.name, options.request_id, wanted);
  if (options.on_note) {
    options.on_note(fmt::format("run {} of job {} was left unfinished; it goes on where it stood",
                                resumed.front().summary.run, request->job.name));
  }
  *request = std::move(resumed.front().request);
  return BegunRun{.summary = std::move(resumed.front().summary), .existing = false};
}

// What the end of this run, and of runs that another process left, brings about. A failure is a note: the run has
// ended.
void FinishHere(const StateSeams& seams, const Leadership& leadership, const EmbeddedRunOptions& options,
                RunSummary* summary) {
  const FinishOptions finish{
      .allow_commands = true, .user_agent = fmt::format("strata/{}", Version()), .note = options.on_note};
  const absl::Status finished = FinishKeepingLead(seams, leadership, finish);
  if (!finished.ok() && options.on_note) options.on_note(std::string(StdView(finished.message())));
  const auto recorded = GetRun(*seams.metadata, summary->job, summary->run);
  if (recorded.ok() && summary->on_finish.empty()) AddOutcomes(recorded->on_finish, summary);
}

// A failure changes nothing about the run: the next lead waits for the time-out then, or is there already.
void GiveBackLead(const StateSeams& seams, const Leadership& leadership, const EmbeddedRunOptions& options) {
  const absl::Status resigned = seams.metadata->Resign(leadership);
  if (!resigned.ok() && options.on_note) options.on_note(std::string(StdView(resigned.message())));
}

}  // namespace

absl::StatusOr<RunSummary> RunEmbedded(const EmbeddedRunOptions& options,
                                       const std::function<void(const ProgressLine&)>& on_progress) {
  STRATA_RETURN_IF_ERROR(CheckOptions(options));
  if (options.memory_limit_bytes > 0) HoldLittleFreedMemory();
  STRATA_ASSIGN_OR_RETURN(NightRequest request, ReadRequest(options, *NewPosixFileSystem()));
  const std::string job = request.job.name;
  STRATA_ASSIGN_OR_RETURN(const auto state, State::OpenOrMake(options.state));
  const StateSeams seams = SeamsOf(state.get());
  STRATA_ASSIGN_OR_RETURN(
      const Leadership leadership,
      TakeLead(
          seams, fmt::format("strata run of job {}, process {}", job, getpid()),
          [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }, options.on_note));
  auto begun = BeginOrResume(seams, leadership, options, state->objects_folder(), &request);
  if (!begun.ok() || begun->existing) {
    if (begun.ok()) FinishHere(seams, leadership, options, &begun->summary);
    GiveBackLead(seams, leadership, options);
    if (!begun.ok()) return begun.status();
    return std::move(begun->summary);
  }
  SerialExecutor* logic_thread = nullptr;
  // The solvers of the fit work while the workers wait, on as many threads as those have.
  tbb::task_arena solvers(options.workers * ThreadsOfAWorker(options));
  const auto run_elsewhere = [&logic_thread, &solvers](std::function<void()> work) {
    logic_thread->Post([&solvers, work = std::move(work)] { solvers.execute(work); });
  };
  request.kernels = options.kernels;
  Driver driver({.metadata = seams.metadata,
                 .objects = seams.objects,
                 .clock = seams.clock,
                 .run_elsewhere = run_elsewhere,
                 .log = {}},
                PlanOptions{.build_id = {}, .lease_ms = kEmbeddedLeaseMs, .straggler_ms = 0, .term = leadership.token});
  SerialExecutor logic;  // after the driver: its thread ends before the driver that it reports to
  logic_thread = &logic;
  const std::stop_callback cancel(options.stop,
                                  [&driver, job, run = begun->summary.run] { driver.Cancel(job, run, "interrupted"); });
  const EmbeddedWorkers workers(options, seams, &driver);
  const Retention retention = request.job.retention;
  auto summary = ExecuteRun(seams, leadership, &driver, std::move(request), std::move(begun->summary),
                            [&on_progress](const RunProgress& progress) {
                              if (on_progress) ReportProgress(progress, on_progress);
                            });
  if (summary.ok()) {
    const absl::Status ended =
        WhileKeepingLead(LeadKeeper(seams.metadata, seams.clock, leadership),
                         [&](const std::stop_token&) { return ConcludeRun(seams, leadership, retention, &*summary); });
    if (!ended.ok()) summary = ended;
  }
  if (summary.ok()) FinishHere(seams, leadership, options, &*summary);
  GiveBackLead(seams, leadership, options);
  return summary;
}

}  // namespace strata
