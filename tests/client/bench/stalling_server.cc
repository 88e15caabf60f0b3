#include "tests/client/bench/stalling_server.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

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

  ~Impl() {
    LetGo();
    server->Shutdown(std::chrono::system_clock::now());
    queue->Shutdown();
    thread.join();
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

  void LetGo() {
    const std::lock_guard lock(mutex);
    holding = false;
    for (Call* call : held) Answer(call);
    held.clear();
  }

  void Loop() {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) {
      const std::lock_guard lock(mutex);
      Take(static_cast<Call*>(tag), ok);
    }
  }

  void Take(Call* call, bool ok) {
    if (call->answered || !ok) {
      calls.erase(call->self);
      return;
    }
    ++arrived;
    arrival.notify_all();
    Post();
    if (holding) {
      held.push_back(call);
    } else {
      Answer(call);
    }
  }

  int port = 0;
  v1::ScoreService::AsyncService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  v1::GetScoreResponse response;

  std::mutex mutex;  // guards what follows
  std::condition_variable arrival;
  std::list<Call> calls;
  std::vector<Call*> held;
  bool holding = false;
  int64_t arrived = 0;

  std::thread thread;
};

StallingServer::StallingServer() : impl_(std::make_unique<Impl>()) {}
StallingServer::~StallingServer() = default;

std::string StallingServer::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

void StallingServer::Hold() {
  const std::lock_guard lock(impl_->mutex);
  impl_->holding = true;
}

void StallingServer::LetGo() { impl_->LetGo(); }

bool StallingServer::WaitForArrivals(int64_t count) {
  std::unique_lock lock(impl_->mutex);
  return impl_->arrival.wait_for(lock, std::chrono::minutes(1), [&] { return impl_->arrived >= count; });
}

}  // namespace strata
