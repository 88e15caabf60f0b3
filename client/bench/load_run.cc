#include "client/bench/load_run.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "client/bench/load_lane.h"

namespace strata {
namespace {

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

constexpr int64_t kConnectTimeoutS = 5;  // a server that is there answers within a round trip
constexpr int kReconnectMs = 100;        // a server that comes back is found again within a second
constexpr int kReconnectMaxMs = 1'000;
constexpr int64_t kMedian = 500'000;  // parts per million
constexpr int64_t kP99 = 990'000;

std::shared_ptr<grpc::Channel> NewChannel(const std::string& target, int number) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments would share one TCP connection.
  arguments.SetInt("strata.bench.connection", number);
  // A retried call would hide an error and cost a quarter of the client's time.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<Channels> OpenChannels(const LoadPlan& plan) {
  Channels channels;
  for (int i = 0; i < plan.connections; ++i) {
    channels.push_back(NewChannel(plan.targets[static_cast<size_t>(i) % plan.targets.size()], i));
    channels.back()->GetState(true);
  }
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(kConnectTimeoutS);
  for (size_t i = 0; i < channels.size(); ++i) {
    if (channels[i]->WaitForConnected(deadline)) continue;
    const std::string& target = plan.targets[i % plan.targets.size()];
    return MakeError(absl::StatusCode::kUnavailable, "TARGET_UNREACHABLE",
                     fmt::format("cannot reach {}: connection {} of {} did not open within {} seconds", target, i + 1,
                                 plan.connections, kConnectTimeoutS),
                     {{"target", target}});
  }
  return channels;
}

std::unique_ptr<LoadLoop> NewLoop(const LoadPlan& plan, int slots, int part) {
  if (plan.closed) return std::make_unique<ClosedLoop>(slots, plan.end_ns(), part, plan.threads);
  return std::make_unique<OpenLoop>(ArrivalSchedule(plan.arrivals, plan.milli_rate, plan.keys.seed, part, plan.threads),
                                    slots,
                                    OpenLoopLimits{.measured_from_ns = plan.warmup_ns(),
                                                   .end_ns = plan.end_ns(),
                                                   .give_up_ns = plan.give_up_ns(),
                                                   .backlog_max = kBacklogMax / plan.threads});
}

int64_t ProcessCpuNs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& time) { return time.tv_sec * kNanosPerSecond + time.tv_usec * 1000; };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

// Processor time at one moment.
struct CpuLook {
  int64_t at_ns = 0;
  int64_t process_ns = 0;
  std::vector<int64_t> drivers_ns;
};

double BusiestShare(const CpuLook& begin, const CpuLook& end) {
  int64_t most = 0;
  for (size_t i = 0; i < begin.drivers_ns.size(); ++i) {
    most = std::max(most, end.drivers_ns[i] - begin.drivers_ns[i]);
  }
  const int64_t window = end.at_ns - begin.at_ns;
  return window <= 0 ? 0 : static_cast<double>(most) / static_cast<double>(window);
}

class Run {
 public:
  Run(const LoadPlan& plan, const IdPool& ids, const NanoClock& clock, const LoadRunHooks& hooks)
      : plan_(plan),
        clock_(clock),
        hooks_(hooks),
        keys_(plan.keys, static_cast<int64_t>(ids.known.size()), static_cast<int64_t>(ids.unknown.size())),
        context_{.plan = &plan, .ids = &ids, .keys = &keys_, .clock = &clock, .on_ended = &hooks.on_ended} {}

  absl::StatusOr<LoadResult> Do() {
    STRATA_ASSIGN_OR_RETURN(const Channels channels, OpenChannels(plan_));
    std::vector<Channels> dealt(static_cast<size_t>(plan_.threads));
    for (size_t i = 0; i < channels.size(); ++i) dealt[i % dealt.size()].push_back(channels[i]);
    std::vector<int> slots;
    for (Channels& share : dealt) {
      slots.push_back(static_cast<int>(share.size()) * plan_.in_flight);
      lanes_.push_back(NewLoadLane(context_, std::move(share)));
    }
    result_.start_ns = clock_.NowNs() + kLoadStartInNs;
    for (size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i]->Start(result_.start_ns, NewLoop(plan_, slots[i], static_cast<int>(i)));
    }
    Watch();
    for (const auto& lane : lanes_) Add(lane->Join());
    return std::move(result_);
  }

 private:
  int64_t NowNs() const { return clock_.NowNs() - result_.start_ns; }

  void Watch() {
    CpuLook begin = plan_.warmup_ns() == 0 ? Look() : CpuLook();
    int64_t last_ns = 0;
    while (last_ns < plan_.end_ns() && !result_.interrupted) {
      int64_t until_ns = std::min((last_ns / kNanosPerSecond + 1) * kNanosPerSecond, plan_.end_ns());
      const bool warmup = last_ns < plan_.warmup_ns();
      if (warmup) until_ns = std::min(until_ns, plan_.warmup_ns());
      result_.interrupted = WaitUntil(until_ns);
      if (result_.interrupted) until_ns = NowNs();
      TakeSecond(last_ns, until_ns, warmup);
      if (warmup && until_ns >= plan_.warmup_ns()) begin = Look();
      last_ns = until_ns;
    }
    const CpuLook end = Look();
    if (result_.interrupted) {
      for (const auto& lane : lanes_) lane->Stop();
    }
    if (last_ns <= plan_.warmup_ns()) return;  // interrupted before anything was measured
    result_.measured_ns = last_ns - plan_.warmup_ns();
    result_.client_cpu_ns = end.process_ns - begin.process_ns;
    result_.busiest_driver = BusiestShare(begin, end);
  }

  bool WaitUntil(int64_t until_ns) {
    // Rounded up: what is waited for has passed then.
    for (int64_t left_ns = until_ns - NowNs(); left_ns > 0; left_ns = until_ns - NowNs()) {
      if (hooks_.wait((left_ns + kNanosPerMilli - 1) / kNanosPerMilli)) return true;
    }
    return hooks_.wait(0);
  }

  CpuLook Look() const {
    CpuLook look = {.at_ns = NowNs(), .process_ns = ProcessCpuNs(), .drivers_ns = {}};
    for (const auto& lane : lanes_) {
      const std::vector<int64_t> spent = lane->ThreadCpuNs();
      look.drivers_ns.insert(look.drivers_ns.end(), spent.begin(), spent.end());
    }
    return look;
  }

  void TakeSecond(int64_t from_ns, int64_t until_ns, bool warmup) {
    LoadInterval sum;
    for (const auto& lane : lanes_) sum.Merge(lane->TakeInterval());
    const SecondLine line = {.end_s = static_cast<double>(until_ns) * 1e-9,
                             .length_s = static_cast<double>(until_ns - from_ns) * 1e-9,
                             .warmup = warmup,
                             .sent = sum.sent,
                             .answers = sum.answers,
                             .errors = sum.errors,
                             .backlog = sum.backlog,
                             .p50_ns = sum.latency.PercentileNs(kMedian),
                             .p99_ns = sum.latency.PercentileNs(kP99),
                             .max_ns = sum.latency.max_ns()};
    result_.seconds.push_back(line);
    hooks_.on_second(line);
  }

  void Add(LaneResult lane) {
    result_.tally.Merge(lane.tally);
    result_.checks.Merge(std::move(lane.checks));
    LoopCounts& sum = result_.counts;
    sum.due += lane.counts.due;
    sum.waited_for_slot += lane.counts.waited_for_slot;
    sum.shed += lane.counts.shed;
    sum.abandoned += lane.counts.abandoned;
    sum.backlog_max += lane.counts.backlog_max;
  }

  const LoadPlan& plan_;
  const NanoClock& clock_;
  const LoadRunHooks& hooks_;
  KeyChooser keys_;
  LaneContext context_;
  std::vector<std::unique_ptr<LoadLane>> lanes_;
  LoadResult result_;
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(const LoadPlan& plan, const IdPool& ids, const NanoClock& clock,
                                   const LoadRunHooks& hooks) {
  return Run(plan, ids, clock, hooks).Do();
}

}  // namespace strata
