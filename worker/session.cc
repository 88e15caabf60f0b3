#include "worker/session.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <thread>

#include "strata/worker/v1/worker.grpc.pb.h"
#include "wire/errors.h"
#include "wire/worker_protocol.h"

namespace strata {
namespace {

using Stub = worker::v1::WorkerService::Stub;
constexpr int64_t kRetryMs = 500;           // between dials; a coordinator restarts in about a second
constexpr int64_t kFirstHeartbeatMs = 500;  // until the lease is known
constexpr int kBeatsPerLease = 4;           // one may get lost, and one may be late
// Heartbeats unanswered for this long end the stream, where no lease is known yet.
constexpr int64_t kFirstSilenceMs = 10'000;
// A damaged byte in the name of the method reads like a server that is no coordinator; it does not come three times.
constexpr int kRefusalsMax = 3;

bool IsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnimplemented || status.code() == absl::StatusCode::kInvalidArgument;
}

// Channels with differing arguments do not share a connection: the heartbeat must not queue behind anything.
std::shared_ptr<grpc::Channel> Dial(const std::string& address, const char* purpose) {
  grpc::ChannelArguments arguments;
  arguments.SetString("strata.purpose", purpose);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kRetryMs);
  // A proxy that the environment names for the web is not on the way to a cluster's own coordinator.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

struct WorkerSession::Stream {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<worker::v1::AttachRequest, worker::v1::AttachResponse>> stream;
  bool closed = false;    // guarded by WorkerSession::mutex_
  uint64_t written = 0;   // frames; guarded by WorkerSession::mutex_
  uint64_t received = 0;  // frames; guarded by WorkerSession::mutex_
};

WorkerSession::WorkerSession(SessionOptions options, Worker::Options worker, TaskExecutor* executor)
    : options_(std::move(options)), id_(worker.id), metrics_(worker.metrics) {
  worker_ = std::make_unique<Worker>(std::move(worker), executor, [this](const FromWorker& frame) {
    {
      const std::lock_guard lock(mutex_);
      outbox_.push_back(frame);
    }
    changed_.notify_all();
  });
}

WorkerSession::~WorkerSession() = default;

void WorkerSession::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (stream_ != nullptr) stream_->context.TryCancel();
  }
  changed_.notify_all();
}

bool WorkerSession::PauseFor(int64_t ms) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

void WorkerSession::SetConnected(bool connected, const std::string& why) {
  if (connected == connected_) return;
  connected_ = connected;
  if (metrics_ != nullptr) metrics_->SetConnected(connected);
  if (!options_.log) return;
  const bool lost = !connected && !why.empty();
  options_.log({lost ? LogLevel::kWarn : LogLevel::kInfo,
                connected ? fmt::format("worker {} is connected to {}", id_, options_.coordinator)
                          : fmt::format("worker {} is no longer connected to {}{}{}", id_, options_.coordinator,
                                        lost ? ": " : "", why),
                {Field("worker", id_), Field("coordinator", options_.coordinator)}});
}

absl::Status WorkerSession::Run() {
  std::jthread heartbeat([this] { Beat(); });
  const auto now = [] { return std::chrono::steady_clock::now(); };
  auto lost_at = now();
  int refusals = 0;
  absl::Status result;
  while (true) {
    bool welcomed = false;
    const absl::Status status = RunOnce(&welcomed);
    SetConnected(false, std::string(StdView(status.message())));
    if (welcomed) lost_at = now();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    refusals = IsRefusal(status) ? refusals + 1 : 0;
    if (refusals == kRefusalsMax) {
      result = status.code() == absl::StatusCode::kInvalidArgument
                   ? status
                   : MakeError(absl::StatusCode::kFailedPrecondition, "NOT_A_COORDINATOR",
                               fmt::format("{} answers, but is no Strata coordinator: it does not know the worker "
                                           "service",
                                           options_.coordinator));
      break;
    }
    if (now() - lost_at > std::chrono::milliseconds(options_.connect_wait_ms)) {
      result = MakeError(absl::StatusCode::kUnavailable, "COORDINATOR_UNREACHABLE",
                         fmt::format("no coordinator at {} for {} ms: {}", options_.coordinator,
                                     options_.connect_wait_ms, StdView(status.message())));
      break;
    }
    if (!PauseFor(kRetryMs)) break;
  }
  Stop();
  return result;
}

absl::Status WorkerSession::RunOnce(bool* welcomed) {
  const auto stub = worker::v1::WorkerService::NewStub(Dial(options_.coordinator, "control"));
  Stream stream;
  stream.stream = stub->Attach(&stream.context);
  Hello hello = worker_->Introduce();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) stream.context.TryCancel();
    stream_ = &stream;
    // Results on their way are still in the worker's hands as far as the coordinator knows.
    for (const FromWorker& frame : outbox_) {
      if (const auto* done = std::get_if<TaskDone>(&frame)) hello.attempts.push_back(done->attempt);
      if (const auto* failed = std::get_if<TaskFailed>(&frame)) hello.attempts.push_back(failed->attempt);
      if (const auto* round = std::get_if<RoundDone>(&frame)) hello.attempts.push_back(round->assignment);
    }
  }
  if (stream.stream->Write(ToProto(FromWorker(std::move(hello))))) {
    {
      const std::lock_guard lock(mutex_);
      ++stream.written;
    }
    std::jthread writer([this, &stream] { WriteFrames(&stream); });
    ReadFrames(&stream, welcomed);
    {
      const std::lock_guard lock(mutex_);
      stream.closed = true;
    }
    changed_.notify_all();
  }
  {
    const std::lock_guard lock(mutex_);
    stream_ = nullptr;
  }
  return FromGrpcStatus(stream.stream->Finish());
}

void WorkerSession::ReadFrames(Stream* stream, bool* welcomed) {
  worker::v1::AttachResponse message;
  while (stream->stream->Read(&message)) {
    {
      const std::lock_guard lock(mutex_);
      ++stream->received;
    }
    const auto frame = FromProto(message);
    if (!frame.ok()) {  // damaged, or of another mind: end this session, the next Hello may be answered better
      Say(fmt::format("ends its stream: {}", StdView(frame.status().message())));
      stream->context.TryCancel();
      continue;
    }
    if (const auto* welcome = std::get_if<Welcome>(&*frame)) {
      *welcomed = true;
      SetConnected(true, "");
      const std::lock_guard lock(mutex_);
      lease_ms_ = welcome->lease_ms;
    }
    worker_->Receive(*frame);
  }
}

void WorkerSession::WriteFrames(Stream* stream) {
  while (true) {
    FromWorker frame;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stream->closed || stopping_ || !outbox_.empty(); });
      if (stream->closed || stopping_) return;
      frame = outbox_.front();
    }
    if (!stream->stream->Write(ToProto(frame))) return;  // stays in the outbox for the next session
    const std::lock_guard lock(mutex_);
    outbox_.pop_front();
    ++stream->written;
  }
}

void WorkerSession::Say(const std::string& what) const {
  if (!options_.log) return;
  options_.log({LogLevel::kWarn,
                fmt::format("worker {} {}", id_, what),
                {Field("worker", id_), Field("coordinator", options_.coordinator)}});
}

// `counts` as the coordinator said them; what is counted here is filled in.
bool WorkerSession::MustReconnect(const StreamCounts& counts, int64_t patience_ms, StreamWatch* watch) {
  using std::chrono::steady_clock;
  const int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
  StreamCounts all = counts;
  {
    const std::lock_guard lock(mutex_);
    if (stream_ == nullptr) {
      watch->Reset(now_ms);
      return false;
    }
    all.written = stream_->written;
    all.received = stream_->received;
  }
  if (!watch->StandsStill(all, patience_ms, now_ms)) return false;
  watch->Reset(now_ms);
  Say(fmt::format("ends its stream, on which nothing moved for {} ms: {} of {} frame(s) arrived there, {} of {} here",
                  patience_ms, all.arrived, all.written, all.received, all.sent));
  return true;
}

void WorkerSession::Beat() {
  const auto stub = worker::v1::WorkerService::NewStub(Dial(options_.coordinator, "heartbeat"));
  auto answered_at = std::chrono::steady_clock::now();
  StreamWatch watch;
  while (true) {
    int64_t silence_ms = kFirstSilenceMs;
    int64_t pause_ms = kFirstHeartbeatMs;
    {
      const std::lock_guard lock(mutex_);
      if (lease_ms_ > 0) {
        pause_ms = std::max<int64_t>(1, lease_ms_ / kBeatsPerLease);
        silence_ms = std::max(lease_ms_, kRetryMs);
      }
    }
    if (!PauseFor(pause_ms)) return;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(std::max<int64_t>(pause_ms, kRetryMs)));
    worker::v1::HeartbeatRequest request;
    request.set_worker_id(id_);
    worker::v1::HeartbeatResponse response;
    const grpc::Status status = stub->Heartbeat(&context, request, &response);
    const bool forgotten = status.error_code() == grpc::StatusCode::NOT_FOUND;
    const auto now = std::chrono::steady_clock::now();
    if (status.ok() || forgotten) answered_at = now;
    // A coordinator that hears this worker and is not heard keeps its tasks waiting: only a new stream tells.
    const bool silent = now - answered_at > std::chrono::milliseconds(silence_ms);
    const bool still =
        status.ok() &&
        MustReconnect(
            {.written = 0, .arrived = response.frames_received(), .sent = response.frames_sent(), .received = 0},
            silence_ms, &watch);
    if (!forgotten && !silent && !still) continue;
    if (silent) answered_at = now;
    // The coordinator forgot this worker, or cannot reach it: a new session introduces it again.
    const std::lock_guard lock(mutex_);
    if (stream_ != nullptr && (lease_ms_ > 0 || silent || still)) stream_->context.TryCancel();
  }
}

}  // namespace strata
