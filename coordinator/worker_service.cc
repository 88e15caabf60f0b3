#include "coordinator/worker_service.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "strata/worker/v1/worker.grpc.pb.h"
#include "wire/errors.h"
#include "wire/worker_protocol.h"

namespace strata {
namespace {

using ServerStream = grpc::ServerReaderWriter<worker::v1::AttachResponse, worker::v1::AttachRequest>;

// Frames that wait for one worker; it holds at most twice its slots of tasks, so more means that it does not read.
constexpr size_t kMaxOutbox = 8192;

// Frames to one worker: queued by the driver, written by a thread of the stream.
class NetworkLink final : public WorkerLink {
 public:
  void Send(const ToWorker& frame) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || outbox_.size() >= kMaxOutbox) {
        closed_ = true;
      } else {
        outbox_.push_back(frame);
      }
    }
    changed_.notify_all();
  }

  // Writes until the link is closed or the stream breaks.
  void WriteTo(ServerStream* stream, grpc::ServerContext* context) {
    while (true) {
      ToWorker frame;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || !outbox_.empty(); });
        if (closed_) break;
        frame = std::move(outbox_.front());
        outbox_.pop_front();
      }
      if (!stream->Write(ToProto(frame))) break;
    }
    context->TryCancel();  // wakes the reader
  }

  void Close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ToWorker> outbox_;  // guarded by mutex_
  bool closed_ = false;          // guarded by mutex_
};

}  // namespace

class NetworkWorkers::Service final : public worker::v1::WorkerService::Service {
 public:
  explicit Service(Driver* driver) : driver_(driver) {}

  grpc::Status Attach(grpc::ServerContext* context, ServerStream* stream) override {
    worker::v1::AttachRequest message;
    if (!stream->Read(&message)) return grpc::Status::OK;
    const auto first = FromProto(message);
    if (!first.ok()) return ToGrpcStatus(first.status());
    const auto* hello = std::get_if<Hello>(&*first);
    if (hello == nullptr) {
      return ToGrpcStatus(
          MakeError(absl::StatusCode::kInvalidArgument, "FRAME_INVALID", "the first frame of a session must be hello"));
    }
    const WorkerId id = hello->worker;
    const auto link = std::make_shared<NetworkLink>();
    std::jthread writer([&] { link->WriteTo(stream, context); });
    Remember(id, +1);
    driver_->Join(*hello, link);
    absl::Status status;
    while (status.ok() && stream->Read(&message)) {
      const auto frame = FromProto(message);
      if (frame.ok()) {
        driver_->Post(FrameReceived{id, *frame});
      } else {
        status = frame.status();
      }
    }
    driver_->Disconnect(id, link.get());
    Remember(id, -1);
    link->Close();
    writer.join();
    return status.ok() ? grpc::Status::OK : ToGrpcStatus(status);
  }

  grpc::Status Heartbeat(grpc::ServerContext*, const worker::v1::HeartbeatRequest* request,
                         worker::v1::HeartbeatResponse*) override {
    if (!IsAttached(request->worker_id())) {
      return ToGrpcStatus(MakeError(absl::StatusCode::kNotFound, "WORKER_UNKNOWN",
                                    fmt::format("worker '{}' is not attached here", request->worker_id())));
    }
    driver_->Post(WorkerBeat{request->worker_id()});
    return grpc::Status::OK;
  }

 private:
  void Remember(const WorkerId& id, int sessions) {
    const std::lock_guard lock(mutex_);
    if ((sessions_[id] += sessions) == 0) sessions_.erase(id);
  }
  bool IsAttached(const WorkerId& id) {
    const std::lock_guard lock(mutex_);
    return sessions_.contains(id);
  }

  Driver* driver_;
  std::mutex mutex_;
  std::map<WorkerId, int> sessions_;  // open streams; guarded by mutex_
};

NetworkWorkers::NetworkWorkers(Driver* driver) : service_(std::make_unique<Service>(driver)) {}
NetworkWorkers::~NetworkWorkers() = default;
grpc::Service* NetworkWorkers::service() { return service_.get(); }

}  // namespace strata
