#include "client/bench/load_lane.h"

#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>

#include "strata/v1/score_service.grpc.pb.h"

namespace strata {
namespace {

constexpr int64_t kLookAgainMs = 50;         // how long an idle lane may miss that it was stopped
constexpr int64_t kShortestNapNs = 200'000;  // of the pacer while all slots are taken: due times alone bring nothing
constexpr int64_t kLongestNapNs = kLookAgainMs * kNanosPerMilli;

std::string ParentOf(const SnapshotName& snapshot) {
  return snapshot.is_current() ? JobResource(snapshot.job) : SnapshotResource(snapshot.job, snapshot.number);
}

struct GetMethod {
  using Request = v1::GetScoreRequest;
  using Response = v1::GetScoreResponse;
  static void Ask(std::span<const Key> keys, const IdPool& ids, Request* request) {
    request->set_customer_id(keys[0].unknown ? ids.unknown[keys[0].index] : ids.known[keys[0].index]);
  }
  static auto Prepare(v1::ScoreService::Stub* stub, grpc::ClientContext* context, const Request& request,
                      grpc::CompletionQueue* queue) {
    return stub->PrepareAsyncGetScore(context, request, queue);
  }
  static bool Check(AnswerChecks* checks, int64_t question, std::span<const Key> keys, int connection, int64_t now_ns,
                    const grpc::Status& status, const Response& response) {
    return checks->TakeGet(question, keys[0], connection, now_ns, status, response);
  }
};

struct LookupMethod {
  using Request = v1::LookupScoresRequest;
  using Response = v1::LookupScoresResponse;
  static void Ask(std::span<const Key> keys, const IdPool& ids, Request* request) {
    request->clear_customer_ids();
    for (const Key key : keys) request->add_customer_ids(key.unknown ? ids.unknown[key.index] : ids.known[key.index]);
  }
  static auto Prepare(v1::ScoreService::Stub* stub, grpc::ClientContext* context, const Request& request,
                      grpc::CompletionQueue* queue) {
    return stub->PrepareAsyncLookupScores(context, request, queue);
  }
  static bool Check(AnswerChecks* checks, int64_t question, std::span<const Key> keys, int connection, int64_t now_ns,
                    const grpc::Status& status, const Response& response) {
    return checks->TakeLookup(question, keys, connection, now_ns, status, response);
  }
};

// A request under way; messages keep their memory from one to the next.
template <typename Method>
struct Slot {
  int connection = 0;
  PlannedSend send;
  int64_t sent_ns = 0;
  std::vector<Key> keys;
  std::optional<grpc::ClientContext> context;  // gRPC takes one per call
  typename Method::Request request;
  typename Method::Response response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<typename Method::Response>> call;
};

// A thread whose processor time can be asked for, also after its end.
class MeasuredThread {
 public:
  explicit MeasuredThread(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          work();
          timespec spent{};
          clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
          final_ns_ = spent.tv_sec * kNanosPerSecond + spent.tv_nsec;
        }) {}

  int64_t CpuNs() {
    clockid_t clock = 0;
    timespec spent{};
    const bool known = final_ns_ == 0 && pthread_getcpuclockid(thread_.native_handle(), &clock) == 0 &&
                       clock_gettime(clock, &spent) == 0;
    return known ? spent.tv_sec * kNanosPerSecond + spent.tv_nsec : final_ns_.load();
  }
  void Join() { thread_.join(); }

 private:
  std::atomic<int64_t> final_ns_ = 0;
  std::thread thread_;
};

template <typename Method>
class Lane final : public LoadLane {
 public:
  Lane(const LaneContext& context, std::vector<std::shared_ptr<grpc::Channel>> channels)
      : context_(context),
        plan_(*context.plan),
        checks_(plan_, context.ids, static_cast<int>(channels.size())),
        slots_(channels.size() * static_cast<size_t>(plan_.in_flight)) {
    for (const auto& channel : channels) stubs_.push_back(v1::ScoreService::NewStub(channel));
    for (size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].connection = static_cast<int>(i % channels.size());
      slots_[i].request.set_parent(ParentOf(plan_.snapshot));
      slots_[i].keys.resize(static_cast<size_t>(plan_.batch));
    }
  }

  void Start(int64_t start_ns, std::unique_ptr<LoadLoop> loop) override {
    start_ns_ = start_ns;
    loop_ = std::move(loop);
    threads_[0].emplace([this] { Complete(); });
    if (!plan_.closed) threads_[1].emplace([this] { Pace(); });
  }

  void Stop() override {
    const std::lock_guard lock(mutex_);
    loop_->Stop(NowNs());
  }

  LoadInterval TakeInterval() override {
    const std::lock_guard lock(mutex_);
    LoadInterval taken;
    std::swap(taken, interval_);
    taken.backlog = loop_->Counts().backlog;
    return taken;
  }

  std::vector<int64_t> ThreadCpuNs() const override {
    std::vector<int64_t> spent;
    for (auto& thread : threads_) {
      if (thread.has_value()) spent.push_back(thread->CpuNs());
    }
    return spent;
  }

  LaneResult Join() override {
    for (auto& thread : threads_) {
      if (thread.has_value()) thread->Join();
    }
    // Settles what was due and never sent.
    loop_->Stop(NowNs());
    return {.tally = std::move(tally_), .checks = checks_.TakeResult(), .counts = loop_->Counts()};
  }

 private:
  int64_t NowNs() const { return context_.clock->NowNs() - start_ns_; }

  // Sends all that is due, from whichever thread.
  void Pump() {
    while (true) {
      std::optional<PlannedSend> send;
      {
        const std::lock_guard lock(mutex_);
        const int64_t now_ns = NowNs();
        send = loop_->Next(now_ns);
        if (!send.has_value()) return;
        ++under_way_;
        ++interval_.sent;
        tally_.sent_in_window += now_ns >= plan_.warmup_ns() && now_ns < plan_.end_ns();
        if (send->due_ns >= plan_.warmup_ns()) tally_.send_delay.Record(now_ns - send->due_ns);
      }
      Send(*send);
    }
  }

  void Send(const PlannedSend& send) {
    Slot<Method>& slot = slots_[static_cast<size_t>(send.slot)];
    slot.send = send;
    for (size_t i = 0; i < slot.keys.size(); ++i) {
      slot.keys[i] = context_.keys->Choose(send.index * plan_.batch + static_cast<int64_t>(i));
    }
    Method::Ask(slot.keys, *context_.ids, &slot.request);
    slot.context.emplace();
    slot.context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(plan_.deadline_ms));
    slot.sent_ns = NowNs();
    slot.call =
        Method::Prepare(stubs_[static_cast<size_t>(slot.connection)].get(), &*slot.context, slot.request, &queue_);
    slot.call->StartCall();
    slot.call->Finish(&slot.response, &slot.status, &slot);
  }

  void Pace() {
    SharpenWaits();
    while (true) {
      int64_t wake_ns = 0;
      Pump();
      {
        const std::lock_guard lock(mutex_);
        const int64_t now_ns = NowNs();
        if (loop_->Ended(now_ns)) return;
        const int64_t soonest = loop_->Counts().backlog > 0 ? now_ns + kShortestNapNs : now_ns;
        wake_ns = std::clamp(loop_->NextWakeNs(), soonest, now_ns + kLongestNapNs);
      }
      context_.clock->WaitUntil(start_ns_ + wake_ns);
    }
  }

  void Complete() {
    context_.clock->WaitUntil(start_ns_);
    while (true) {
      if (plan_.closed) Pump();
      {
        const std::lock_guard lock(mutex_);
        if (under_way_ == 0 && loop_->Ended(NowNs())) break;
      }
      void* tag = nullptr;
      bool complete = false;
      const auto patience = std::chrono::system_clock::now() + std::chrono::milliseconds(WaitMs());
      const auto next = queue_.AsyncNext(&tag, &complete, patience);
      if (next == grpc::CompletionQueue::GOT_EVENT) Take(static_cast<Slot<Method>*>(tag));
      if (!plan_.closed) Pump();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool complete = false;
    while (queue_.Next(&tag, &complete)) continue;
  }

  int64_t WaitMs() {
    if (!plan_.closed) return kLookAgainMs;
    const std::lock_guard lock(mutex_);
    const int64_t wake_ns = loop_->NextWakeNs();
    if (wake_ns == kNever) return kLookAgainMs;
    return std::clamp((wake_ns - NowNs()) / kNanosPerMilli + 1, int64_t{0}, kLookAgainMs);
  }

  void Take(Slot<Method>* slot) {
    const int64_t now_ns = NowNs();
    const int64_t first_question = slot->send.index * plan_.batch;
    const bool answer =
        Method::Check(&checks_, first_question, slot->keys, slot->connection, now_ns, slot->status, slot->response);
    slot->call.reset();
    slot->context.reset();
    {
      const std::lock_guard lock(mutex_);
      Count(*slot, answer, now_ns);
      loop_->Finished(slot->send.slot, now_ns, !answer);
      --under_way_;
    }
    if (*context_.on_ended) (*context_.on_ended)();
  }

  void Count(const Slot<Method>& slot, bool answer, int64_t now_ns) {
    const int64_t latency_ns = now_ns - slot.send.due_ns;
    const bool measured = slot.send.due_ns >= plan_.warmup_ns();
    ++(answer ? interval_.answers : interval_.errors);
    if (answer) {
      interval_.latency.Record(latency_ns);
      const bool in_window = now_ns >= plan_.warmup_ns() && now_ns < plan_.end_ns();
      tally_.answered_in_window += in_window;
      tally_.questions_in_window += in_window ? plan_.batch : 0;
    }
    if (!measured) return;
    if (answer) {
      tally_.latency.Record(latency_ns);
      tally_.service.Record(now_ns - slot.sent_ns);
      return;
    }
    ErrorTally& error = tally_.errors[slot.status.error_code()];
    if (error.count++ == 0) error.example = slot.status.error_message();
    error.latency.Record(latency_ns);
  }

  LaneContext context_;
  const LoadPlan& plan_;
  AnswerChecks checks_;  // of the completing thread
  std::vector<Slot<Method>> slots_;
  std::vector<std::unique_ptr<v1::ScoreService::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  int64_t start_ns_ = 0;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<LoadLoop> loop_;
  LoadTally tally_;
  LoadInterval interval_;
  int64_t under_way_ = 0;

  mutable std::array<std::optional<MeasuredThread>, 2> threads_;
};

}  // namespace

std::unique_ptr<LoadLane> NewLoadLane(const LaneContext& context,
                                      std::vector<std::shared_ptr<grpc::Channel>> channels) {
  if (context.plan->method == LoadMethod::kGet) {
    return std::make_unique<Lane<GetMethod>>(context, std::move(channels));
  }
  return std::make_unique<Lane<LookupMethod>>(context, std::move(channels));
}

}  // namespace strata
