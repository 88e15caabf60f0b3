#include "tests/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace strata::simulation {
namespace {

constexpr int64_t kFirstWallMs = 1'704'067'200'000;  // 2024-01-01 00:00 UTC

}  // namespace

int64_t Process::MonotonicMs() const { return world_->now_ms_ + monotonic_offset_ms_; }
int64_t Process::WallMs() const { return kFirstWallMs + world_->now_ms_ + world_->wall_offset_ms_; }

void Process::Spawn(std::function<void()> body) {
  fibers_.push_back(std::make_unique<Fiber>(std::move(body)));
  Fiber* fiber = fibers_.back().get();
  world_->At(0, this, [this, fiber] { world_->Run(this, fiber); });
}

bool Process::Sleep(int64_t ms, bool until_woken) {
  Fiber* fiber = Fiber::Current();
  if (fiber == nullptr) return true;
  if (until_woken) {
    woken_ = false;
    sleeper_ = {fiber, sleeper_.ticket + 1};
    world_->At(ms, this, [this, fiber, ticket = sleeper_.ticket] {
      if (sleeper_.fiber != fiber || sleeper_.ticket != ticket) return;
      sleeper_.fiber = nullptr;
      world_->Run(this, fiber);
    });
  } else {
    world_->At(ms, this, [this, fiber] { world_->Run(this, fiber); });
  }
  Fiber::Yield();
  return !(until_woken && woken_);
}

void Process::Wake() {
  if (sleeper_.fiber == nullptr) return;
  woken_ = true;
  Fiber* fiber = std::exchange(sleeper_.fiber, nullptr);
  world_->At(0, this, [this, fiber] { world_->Run(this, fiber); });
}

void World::At(int64_t delay_ms, Process* process, std::function<void()> event) {
  queue_.push_back({.at_ms = now_ms_ + std::max<int64_t>(0, delay_ms),
                    .sequence = ++sequence_,
                    .process = process,
                    .life = process == nullptr ? 0 : process->life_,
                    .event = std::move(event)});
  std::push_heap(queue_.begin(), queue_.end(), Later());
}

bool World::Step() {
  if (queue_.empty()) return false;
  std::pop_heap(queue_.begin(), queue_.end(), Later());
  Item item = std::move(queue_.back());
  queue_.pop_back();
  now_ms_ = item.at_ms;
  if (Process* process = item.process; process != nullptr) {
    if (!process->alive_ || process->life_ != item.life) return true;
    if (process->paused_until_ms_ > now_ms_) {  // in the same order, when it goes on
      item.at_ms = process->paused_until_ms_;
      item.sequence = ++sequence_;
      queue_.push_back(std::move(item));
      std::push_heap(queue_.begin(), queue_.end(), Later());
      return true;
    }
  }
  item.event();
  if (item.process != nullptr) Sweep(item.process);
  return true;
}

void World::Run(Process* process, Fiber* fiber) {
  Trace(process->name_);
  fiber->Resume();
}

// Fibers that have ended go, but not while one of them runs.
void World::Sweep(Process* process) {
  if (process->alive_) {
    std::erase_if(process->fibers_, [](const auto& fiber) { return fiber->done(); });
    return;
  }
  // The youngest first: older ones may own what they use.
  while (!process->fibers_.empty()) {
    const std::unique_ptr<Fiber> fiber = std::move(process->fibers_.back());
    process->fibers_.pop_back();
    if (!fiber->done()) fiber->Resume(true);
  }
}

void World::Start(Process* process) {
  process->alive_ = true;
  ++process->life_;
  process->paused_until_ms_ = 0;
  process->monotonic_offset_ms_ = static_cast<int64_t>(Draw(1'000'000));  // another machine, or the same booted anew
  process->sleeper_.fiber = nullptr;
}

void World::Kill(Process* process) {
  if (!process->alive_) return;
  process->alive_ = false;
  process->sleeper_.fiber = nullptr;
  if (Fiber::Current() == nullptr) Sweep(process);
}

void World::Pause(Process* process, int64_t ms) {
  process->paused_until_ms_ = std::max(process->paused_until_ms_, now_ms_ + ms);
}

void World::MayCrash(Process* process) {
  if (Fiber::Current() == nullptr || !OfThousand(options_.crash_in_call)) return;
  Count("crashes inside a call");
  Trace("crash in call");
  Kill(process);
  throw Crash();
}

void World::Trace(std::string_view what, std::string_view only_for_the_log) {
  trace_ = Mix(trace_ ^ Mix(static_cast<uint64_t>(now_ms_)) ^ Hash64(what));
  if (log) fmt::print("{:>8} {}{}\n", now_ms_, what, only_for_the_log);
}

void World::Violation(const std::string& what) {
  if (violation_.empty()) violation_ = fmt::format("at {} ms: {}", now_ms_, what);
}

}  // namespace strata::simulation
