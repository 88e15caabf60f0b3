#include "client/bench/load_loop.h"

#include <algorithm>
#include <numeric>

namespace strata {
namespace {

std::deque<int> AllSlots(int slots) {
  std::deque<int> all(static_cast<size_t>(slots));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

int TakeFirst(std::deque<int>* slots) {
  const int slot = slots->front();
  slots->pop_front();
  return slot;
}

}  // namespace

OpenLoop::OpenLoop(const ArrivalSchedule& schedule, int slots, const OpenLoopLimits& limits)
    : schedule_(schedule), limits_(limits), free_(AllSlots(slots)) {}

void OpenLoop::TakeArrivals(int64_t now_ns) {
  // Between two calls nothing is sent, so whether the backlog was full at an arrival's due time is known now.
  const int64_t until = std::min(now_ns, limits_.end_ns - 1);
  for (; schedule_.next().due_ns <= until; schedule_.Advance()) {
    const bool measured = schedule_.next().due_ns >= limits_.measured_from_ns;
    const int64_t without_slot = static_cast<int64_t>(backlog_.size()) - static_cast<int64_t>(free_.size());
    counts_.due += measured;
    counts_.waited_for_slot += measured && without_slot >= 0;
    if (without_slot < limits_.backlog_max) {
      backlog_.push_back(schedule_.next());
    } else {
      counts_.shed += measured;
    }
  }
}

std::optional<PlannedSend> OpenLoop::Next(int64_t now_ns) {
  TakeArrivals(now_ns);
  if (now_ns >= limits_.give_up_ns) Abandon();
  if (backlog_.empty() || free_.empty()) {
    counts_.backlog_max = std::max(counts_.backlog_max, static_cast<int64_t>(backlog_.size()));
    return std::nullopt;
  }
  const Arrival arrival = backlog_.front();
  backlog_.pop_front();
  return PlannedSend{.index = arrival.index, .due_ns = arrival.due_ns, .slot = TakeFirst(&free_)};
}

void OpenLoop::Finished(int slot, int64_t, bool) { free_.push_back(slot); }

int64_t OpenLoop::NextWakeNs() const {
  return schedule_.next().due_ns < limits_.end_ns ? schedule_.next().due_ns : kNever;
}

bool OpenLoop::Ended(int64_t now_ns) const {
  return now_ns >= limits_.give_up_ns || (NextWakeNs() == kNever && backlog_.empty());
}

void OpenLoop::Stop(int64_t now_ns) {
  limits_.end_ns = std::min(limits_.end_ns, now_ns);
  limits_.give_up_ns = std::min(limits_.give_up_ns, now_ns);
  TakeArrivals(now_ns);
  Abandon();
}

void OpenLoop::Abandon() {
  counts_.abandoned += std::count_if(backlog_.begin(), backlog_.end(), [this](const Arrival& arrival) {
    return arrival.due_ns >= limits_.measured_from_ns;
  });
  backlog_.clear();
}

LoopCounts OpenLoop::Counts() const {
  LoopCounts counts = counts_;
  counts.backlog = static_cast<int64_t>(backlog_.size());
  return counts;
}

ClosedLoop::ClosedLoop(int slots, int64_t end_ns, int64_t part, int64_t parts)
    : end_ns_(end_ns), next_index_(part), parts_(parts), free_(AllSlots(slots)) {}

std::optional<PlannedSend> ClosedLoop::Next(int64_t now_ns) {
  while (!paused_.empty() && paused_.front().until_ns <= now_ns) {
    free_.push_back(paused_.front().slot);
    paused_.pop_front();
  }
  if (now_ns >= end_ns_ || free_.empty()) return std::nullopt;
  const PlannedSend send = {.index = next_index_, .due_ns = now_ns, .slot = TakeFirst(&free_)};
  next_index_ += parts_;
  return send;
}

void ClosedLoop::Finished(int slot, int64_t now_ns, bool failed) {
  if (failed) {
    paused_.push_back({.slot = slot, .until_ns = now_ns + kPauseAfterFailureNs});
  } else {
    free_.push_back(slot);
  }
}

int64_t ClosedLoop::NextWakeNs() const { return paused_.empty() ? kNever : paused_.front().until_ns; }

void ClosedLoop::Stop(int64_t now_ns) { end_ns_ = std::min(end_ns_, now_ns); }

}  // namespace strata
