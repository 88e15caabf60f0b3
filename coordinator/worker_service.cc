#include "coordinator/worker_service.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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
      ++frames_sent_;
    }
    const std::lock_guard lock(mutex_);
    if (!read_out_) context->TryCancel();  // wakes the reader
  }

  void Close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  // The reader has ended by itself and tells why: cancelling would take its status away.
  void EndReading() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = read_out_ = true;
    }
    changed_.notify_all();
  }

  void NoteReceived() { ++frames_received_; }
  uint64_t frames_received() const { return frames_received_; }
  uint64_t frames_sent() const { return frames_sent_; }

 private:
  std::atomic<uint64_t> frames_received_ = 0;
  std::atomic<uint64_t> frames_sent_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ToWorker> outbox_;  // guarded by mutex_
  bool closed_ = false;          // guarded by mutex_
  bool read_out_ = false;        // guarded by mutex_
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
    link->NoteReceived();
    std::jthread writer([&] { link->WriteTo(stream, context); });
    Remember(id, link);
    driver_->Join(*hello, link);
    absl::Status status;
    while (status.ok() && stream->Read(&message)) {
      link->NoteReceived();
      const auto frame = FromProto(message);
      if (frame.ok()) {
        driver_->Post(FrameReceived{id, *frame});
      } else {
        status = frame.status();
      }
    }
    driver_->Disconnect(id, link.get());
    Forget(id, link);
    link->EndReading();
    writer.join();
    return status.ok() ? grpc::Status::OK : ToGrpcStatus(status);
  }

  grpc::Status Heartbeat(grpc::ServerContext*, const worker::v1::HeartbeatRequest* request,
                         worker::v1::HeartbeatResponse* response) override {
    const std::shared_ptr<NetworkLink> link = LinkOf(request->worker_id());
    if (link == nullptr) {
      return ToGrpcStatus(MakeError(absl::StatusCode::kNotFound, "WORKER_UNKNOWN",
                                    fmt::format("worker '{}' is not attached here", request->worker_id())));
    }
    response->set_frames_received(link->frames_received());
    response->set_frames_sent(link->frames_sent());
    driver_->Post(WorkerBeat{request->worker_id()});
    return grpc::Status::OK;
  }

 private:
  void Remember(const WorkerId& id, std::shared_ptr<NetworkLink> link) {
    const std::lock_guard lock(mutex_);
    links_[id].push_back(std::move(link));
  }
  void Forget(const WorkerId& id, const std::shared_ptr<NetworkLink>& link) {
    const std::lock_guard lock(mutex_);
    std::erase(links_[id], link);
    if (links_[id].empty()) links_.erase(id);
  }
  // The newest one; null when the worker is not attached.
  std::shared_ptr<NetworkLink> LinkOf(const WorkerId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(id);
    return found == links_.end() ? nullptr : found->second.back();
  }

  Driver* driver_;
  std::mutex mutex_;
  // Of open streams, oldest first: a broken one may end after its successor has begun. Guarded by mutex_.
  std::map<WorkerId, std::vector<std::shared_ptr<NetworkLink>>> links_;
};

NetworkWorkers::NetworkWorkers(Driver* driver) : service_(std::make_unique<Service>(driver)) {}
NetworkWorkers::~NetworkWorkers() = default;
grpc::Service* NetworkWorkers::service() { return service_.get(); }

}  // namespace strata
