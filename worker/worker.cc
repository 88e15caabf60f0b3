#include "worker/worker.h"

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <map>
#include <new>
#include <optional>

namespace strata {
namespace {

// An error travels in a frame; a longer message (a list of ten thousand columns) is cut, and says so.
constexpr size_t kMaxErrorBytes = 8 * 1024;

// Every task ends in waiting for the disk, or for S3, to have its objects; half as many tasks again keep the processors
// busy meanwhile. More would only need more memory: a coordinator sends at most twice the slots.
uint32_t SpareThreads(uint32_t slots) { return slots / 2; }

absl::Status FitsFrame(const absl::Status& status) {
  const std::string_view message = StdView(status.message());
  const std::optional<ErrorDetail> detail = DetailOf(status);
  size_t metadata_bytes = 0;
  if (detail.has_value()) {
    for (const auto& [key, value] : detail->metadata) metadata_bytes += key.size() + value.size();
  }
  if (message.size() <= kMaxErrorBytes && metadata_bytes <= kMaxErrorBytes) return status;
  return MakeError(
      status.code(), detail.has_value() ? detail->reason : "ERROR_TOO_LONG",
      fmt::format("{} ... ({} bytes, cut)", message.substr(0, kMaxErrorBytes), message.size()),
      metadata_bytes <= kMaxErrorBytes && detail.has_value() ? detail->metadata : std::map<std::string, std::string>());
}

AttemptId IdOf(const StartTask& task) { return task.attempt; }
AttemptId IdOf(const StartRound& round) { return round.assignment; }

std::string NameOf(const std::variant<StartTask, StartRound>& work) {
  const auto* task = std::get_if<StartTask>(&work);
  return task == nullptr ? fmt::format("fit round {}", std::get<StartRound>(work).round)
                         : fmt::format("task {} of stage {}", task->index, Name(task->stage));
}

}  // namespace

Worker::Worker(Options options, TaskExecutor* executor, std::function<void(const FromWorker&)> answer)
    : options_(std::move(options)), executor_(executor), answer_(std::move(answer)) {
  for (uint32_t i = 0; i < options_.slots + SpareThreads(options_.slots); ++i) threads_.emplace_back([this] { Run(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  changed_.notify_all();
}

void Worker::Receive(const ToWorker& frame) {
  if (const auto* cancel = std::get_if<CancelTask>(&frame)) return Drop(cancel->attempt);
  if (const auto* cancel = std::get_if<CancelRound>(&frame)) return Drop(cancel->assignment);
  const std::lock_guard lock(mutex_);
  if (const auto* task = std::get_if<StartTask>(&frame)) {
    if (!in_hand_.insert(task->attempt).second) return;  // a frame that came twice
    queue_.emplace_back(*task);
  } else if (const auto* round = std::get_if<StartRound>(&frame)) {
    if (!in_hand_.insert(round->assignment).second) return;
    queue_.emplace_back(*round);
  }
  changed_.notify_one();
}

void Worker::Drop(AttemptId attempt) {
  const std::lock_guard lock(mutex_);
  in_hand_.erase(attempt);
  std::erase_if(queue_, [attempt](const Work& work) {
    return std::visit([attempt](const auto& w) { return IdOf(w) == attempt; }, work);
  });
}

Hello Worker::Introduce() {
  const std::lock_guard lock(mutex_);
  return {.worker = options_.id,
          .build_id = options_.build_id,
          .slots = options_.slots,
          .attempts = {in_hand_.begin(), in_hand_.end()}};
}

void Worker::Run() {
  // A round spreads over this many threads; tasks are serial and run side by side instead.
  tbb::task_arena arena(static_cast<int>(options_.slots));
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    arena.execute([this, &work] { Execute(work); });
  }
}

// Memory that is not there is this process's trouble, not the task's: others may have it.
absl::StatusOr<Blob> Worker::Compute(const Work& work) {
  try {
    if (const auto* task = std::get_if<StartTask>(&work)) return executor_->RunTask(*task);
    return executor_->RunRound(std::get<StartRound>(work));
  } catch (const std::bad_alloc&) {
    return MakeError(absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY",
                     fmt::format("{}: the memory of worker {} is used up", NameOf(work), options_.id));
  }
}

// The status is that of the work; `answer` tells the coordinator of it.
absl::Status Worker::ExecuteWork(const Work& work, FromWorker* answer) {
  absl::StatusOr<Blob> result = Compute(work);
  const absl::Status status = result.status();
  if (const auto* task = std::get_if<StartTask>(&work)) {
    *answer = result.ok() ? FromWorker(TaskDone{task->attempt, *std::move(result)})
                          : TaskFailed{task->attempt, FitsFrame(status)};
    return status;
  }
  const auto& round = std::get<StartRound>(work);
  *answer = result.ok() ? FromWorker(RoundDone{round.assignment, *std::move(result)})
                        : TaskFailed{round.assignment, FitsFrame(status)};
  return status;
}

void Worker::Tell(const Work& work, const absl::Status& status) const {
  if (!options_.log) return;
  const AttemptId attempt = std::visit([](const auto& w) { return IdOf(w); }, work);
  const auto* task = std::get_if<StartTask>(&work);
  options_.log(
      {status.ok() ? LogLevel::kDebug : LogLevel::kWarn,
       fmt::format("attempt {}, {}: {}", attempt, NameOf(work), status.ok() ? "done" : StdView(status.message())),
       {Field("worker", options_.id), Field("attempt", attempt),
        Field("stage", Name(task == nullptr ? Stage::kFit : task->stage)),
        Field("plan", task == nullptr ? std::get<StartRound>(work).plan.key : task->plan.key)}});
}

void Worker::Execute(const Work& work) {
  const int64_t begun_ns = options_.metrics == nullptr ? 0 : options_.metrics->Begin();
  FromWorker answer;
  const absl::Status status = ExecuteWork(work, &answer);
  Tell(work, status);
  const AttemptId attempt = std::visit([](const auto& w) { return IdOf(w); }, work);
  bool wanted = false;
  {
    const std::lock_guard lock(mutex_);
    wanted = in_hand_.erase(attempt) > 0;  // else it was cancelled meanwhile
  }
  if (options_.metrics != nullptr) {
    const auto* task = std::get_if<StartTask>(&work);
    using Outcome = WorkerMetrics::Outcome;
    options_.metrics->End(task == nullptr ? Stage::kFit : task->stage, begun_ns,
                          !wanted       ? Outcome::kCancelled
                          : status.ok() ? Outcome::kDone
                                        : Outcome::kFailed);
  }
  if (wanted) answer_(answer);
}

}  // namespace strata
