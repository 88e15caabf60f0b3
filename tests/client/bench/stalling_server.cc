#include "tests/client/bench/stalling_server.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "client/bench/nano_clock.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "tests/client/example_values.h"
#include "wire/scores.h"

namespace strata {
namespace {

constexpr int kPosted = 64;  // calls waited for at a time

// A call from its posting to its end.
struct Call {
  grpc::ServerContext context;
  v1::GetScoreRequest request;
  grpc::ServerAsyncResponseWriter<v1::GetScoreResponse> writer{&context};
  bool answered = false;
  std::list<Call>::iterator self;
};

}  // namespace

struct StallingServer::Impl {
  Impl() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    queue = builder.AddCompletionQueue();
    server = builder.BuildAndStart();
    FillScore(ExampleScore(), response.mutable_score());
    FillAnswerInfo(ExampleInfo(), response.mutable_info());
    for (int i = 0; i < kPosted; ++i) Post();
    thread = std::thread([this] { Loop(); });
  }

  void Post() {
    calls.emplace_back();
    Call* const call = &calls.back();
    call->self = std::prev(calls.end());
    service.RequestGetScore(&call->context, &call->request, &call->writer, queue.get(), queue.get(), call);
  }

  void Answer(Call* call) {
    call->answered = true;
    call->writer.Finish(response, grpc::Status::OK, call);
  }

  // The stall that now is, or none.
  std::optional<Stall> Current(int64_t now_ns) {
    const std::lock_guard lock(mutex);
    for (const Stall& stall : script) {
      if (now_ns >= stall.begin_ns && now_ns < stall.end_ns) return stall;
    }
    return std::nullopt;
  }

  void Release() {
    const int64_t now_ns = clock.NowNs();
    happened.push_back({.begin_ns = stalling->begin_ns, .end_ns = now_ns});
    stalling.reset();
    for (Call* call : held) Answer(call);
    held.clear();
  }

  void Loop() {
    while (true) {
      // gRPC's timers count milliseconds; a late end is a longer stall, and on record.
      const int64_t wait_ns = stalling.has_value() ? stalling->end_ns - clock.NowNs() : kNanosPerSecond;
      void* tag = nullptr;
      bool ok = false;
      const auto next =
          queue->AsyncNext(&tag, &ok, std::chrono::system_clock::now() + std::chrono::nanoseconds(wait_ns));
      if (next == grpc::CompletionQueue::SHUTDOWN) return;
      if (stalling.has_value() && clock.NowNs() >= stalling->end_ns) Release();
      if (next == grpc::CompletionQueue::GOT_EVENT) Take(static_cast<Call*>(tag), ok);
    }
  }

  void Take(Call* call, bool ok) {
    if (call->answered || !ok) {
      calls.erase(call->self);
      return;
    }
    Post();
    if (!stalling.has_value()) stalling = Current(clock.NowNs());
    if (stalling.has_value()) {
      held.push_back(call);
    } else {
      Answer(call);
    }
  }

  SystemNanoClock clock;
  int port = 0;
  v1::ScoreService::AsyncService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  v1::GetScoreResponse response;
  std::list<Call> calls;
  std::vector<Call*> held;
  std::optional<Stall> stalling;
  std::vector<Stall> happened;
  std::mutex mutex;  // guards script
  std::vector<Stall> script;
  std::thread thread;
};

StallingServer::StallingServer() : impl_(std::make_unique<Impl>()) {}

StallingServer::~StallingServer() {
  if (impl_->thread.joinable()) Finish();
}

std::string StallingServer::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

void StallingServer::SetScript(const std::vector<Stall>& stalls) {
  const std::lock_guard lock(impl_->mutex);
  impl_->script = stalls;
}

std::vector<Stall> StallingServer::Finish() {
  impl_->server->Shutdown(std::chrono::system_clock::now());
  impl_->queue->Shutdown();
  impl_->thread.join();
  return impl_->happened;
}

}  // namespace strata
