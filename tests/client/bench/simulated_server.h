// Runs a load loop against a server that exists only as a function from the moment of sending to that of answering, in
// a time that jumps from event to event. Nothing waits.
#pragma once

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include "client/bench/latency_histogram.h"
#include "client/bench/load_loop.h"

namespace strata {

inline constexpr int64_t kMs = 1'000'000;

struct SimulatedRequest {
  int64_t index = 0;
  int64_t due_ns = 0;
  int64_t sent_ns = 0;
  int64_t answered_ns = 0;
  int64_t latency_ns() const { return answered_ns - due_ns; }
};

// Called in the order of sending.
using SimulatedServer = std::function<int64_t(int64_t sent_ns)>;

inline SimulatedServer AnswersAfter(int64_t service_ns) {
  return [service_ns](int64_t sent_ns) { return sent_ns + service_ns; };
}

// As AnswersAfter, but what is sent within the stall is answered at its end.
inline SimulatedServer StallsOnce(int64_t from_ns, int64_t until_ns, int64_t service_ns) {
  return [=](int64_t sent_ns) { return (sent_ns >= from_ns && sent_ns < until_ns ? until_ns : sent_ns) + service_ns; };
}

// One at a time.
inline SimulatedServer WorksAlone(int64_t service_ns) {
  return [service_ns, free_ns = int64_t{0}](int64_t sent_ns) mutable {
    free_ns = std::max(free_ns, sent_ns) + service_ns;
    return free_ns;
  };
}

// All requests that were sent, by index. `failed`: every answer is an error.
inline std::vector<SimulatedRequest> Simulate(LoadLoop* loop, SimulatedServer server, bool failed = false) {
  struct Answer {
    int64_t at_ns;
    int slot;
    bool operator>(const Answer& other) const { return at_ns > other.at_ns; }
  };
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers;
  std::vector<SimulatedRequest> requests;
  int64_t now_ns = 0;
  while (true) {
    while (const auto send = loop->Next(now_ns)) {
      const int64_t answered_ns = server(now_ns);
      requests.push_back({.index = send->index, .due_ns = send->due_ns, .sent_ns = now_ns, .answered_ns = answered_ns});
      answers.push({.at_ns = answered_ns, .slot = send->slot});
    }
    if (answers.empty() && loop->Ended(now_ns)) break;
    int64_t next_ns = loop->Ended(now_ns) ? kNever : loop->NextWakeNs();
    if (!answers.empty()) next_ns = std::min(next_ns, answers.top().at_ns);
    if (next_ns == kNever) break;
    now_ns = std::max(now_ns, next_ns);
    while (!answers.empty() && answers.top().at_ns <= now_ns) {
      loop->Finished(answers.top().slot, now_ns, failed);
      answers.pop();
    }
  }
  loop->Stop(now_ns);
  std::sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return requests;
}

inline LatencyHistogram Latencies(const std::vector<SimulatedRequest>& requests) {
  LatencyHistogram histogram;
  for (const SimulatedRequest& request : requests) histogram.Record(request.latency_ns());
  return histogram;
}

}  // namespace strata
