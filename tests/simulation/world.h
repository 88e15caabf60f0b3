// Time, chance, events and processes of one simulation. Everything happens in one thread, in the order of (time,
// sequence of scheduling), and depends on the seed alone; the trace hash proves it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "tests/simulation/fiber.h"
#include "tests/simulation/options.h"
#include "tests/simulation/wrong_checkpoints.h"

namespace strata::simulation {

class World;

// A process of the cluster: dies with all its fibers, may be stopped and go on, has clocks of its own.
class Process final : public Clock {
 public:
  Process(World* world, std::string name) : world_(world), name_(std::move(name)) {}

  int64_t MonotonicMs() const override;
  int64_t WallMs() const override;
  const std::string& name() const { return name_; }
  bool alive() const { return alive_; }
  uint64_t life() const { return life_; }  // how often it was started

  void Spawn(std::function<void()> body);  // a fiber that begins as an event of its own
  // In a fiber of this process: waits. False when it was woken before the time.
  bool Sleep(int64_t ms, bool until_woken = false);
  void Wake();  // whoever sleeps until_woken

 private:
  friend class World;
  struct Waiting {
    Fiber* fiber = nullptr;
    uint64_t ticket = 0;
  };

  World* world_;
  std::string name_;
  bool alive_ = false;
  uint64_t life_ = 0;
  int64_t paused_until_ms_ = 0;
  int64_t monotonic_offset_ms_ = 0;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Waiting sleeper_;  // the fiber that may be woken
  bool woken_ = false;
};

class World {
 public:
  explicit World(const Options& options) : options_(options) {}

  const Options& options() const { return options_; }
  int64_t now_ms() const { return now_ms_; }
  bool faults() const { return faults_; }  // the first part of a simulation; then the world heals
  void Heal() { faults_ = false; }

  uint64_t Draw(uint64_t below) { return KeyedDraw(options_.seed, 2, ++draws_) % below; }
  bool OfThousand(int rate) { return rate > 0 && faults_ && Draw(1000) < static_cast<uint64_t>(rate); }

  // `event` happens after `delay_ms`; never when `process` (may be null) has died since, later when it is paused.
  void At(int64_t delay_ms, Process* process, std::function<void()> event);
  bool Step();  // the next event; false when there is none

  void Start(Process* process);
  // All fibers meet a Crash. From inside one of its own fibers, throw Crash after this.
  void Kill(Process* process);
  void Pause(Process* process, int64_t ms);
  bool IsPaused(const Process* process) const { return process->paused_until_ms_ > now_ms_; }
  void StepWall(int64_t ms) { wall_offset_ms_ += ms; }

  // In a call of a process to the outside: perhaps its last moment.
  void MayCrash(Process* process);

  void Count(const std::string& what) {
    ++counters_[what];
    last_ms_[what] = now_ms_;
  }
  const std::map<std::string, int64_t>& counters() const { return counters_; }
  // When it was last counted; long ago when never.
  int64_t LastMs(const std::string& what) const {
    const auto found = last_ms_.find(what);
    return found == last_ms_.end() ? std::numeric_limits<int64_t>::min() : found->second;
  }
  // Part of what must be the same when a seed runs twice.
  void Trace(std::string_view what, std::string_view only_for_the_log = {});
  uint64_t trace_hash() const { return trace_; }
  // The first violation ends the simulation.
  void Violation(const std::string& what);
  const std::string& violation() const { return violation_; }
  bool log = false;
  WrongCheckpoints wrong_checkpoints;  // of Bug::kWrongCheckpoint

 private:
  friend class Process;
  struct Item {
    int64_t at_ms = 0;
    uint64_t sequence = 0;
    Process* process = nullptr;
    uint64_t life = 0;
    std::function<void()> event;
  };
  struct Later {
    bool operator()(const Item& a, const Item& b) const {
      return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.sequence > b.sequence;
    }
  };

  void Run(Process* process, Fiber* fiber);
  void Sweep(Process* process);

  Options options_;
  int64_t now_ms_ = 0;
  int64_t wall_offset_ms_ = 0;
  bool faults_ = true;
  uint64_t draws_ = 0;
  uint64_t sequence_ = 0;
  uint64_t trace_ = 0;
  std::vector<Item> queue_;  // a heap by Later
  std::map<std::string, int64_t> counters_, last_ms_;
  std::string violation_;
};

}  // namespace strata::simulation
