#include "tests/simulation/options.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace strata::simulation {

const char* Name(Bug bug) {
  constexpr const char* kNames[] = {"none",
                                    "no-file-sync",
                                    "no-folder-sync",
                                    "token-ignored",
                                    "compares-ignored",
                                    "lease-for-ever",
                                    "lead-for-ever",
                                    "commit-forgotten",
                                    "double-count",
                                    "missing-shard",
                                    "stale-task",
                                    "numbers-repeat",
                                    "pin-forgotten",
                                    "half-an-object",
                                    "read-back-cached",
                                    "unknown-is-success",
                                    "token-repeats",
                                    "reads-go-back",
                                    "frame-lost",
                                    "list-forgets",
                                    "delete-too-much",
                                    "stale-round",
                                    "foreign-checkpoint"};
  return kNames[static_cast<int>(bug)];
}

namespace {

struct Named {
  const char* name;
  int Options::*value;
  int most;  // drawn from 1 to this when the fault is on
};

constexpr Named kRates[] = {
    {"stop_coordinator", &Options::stop_coordinator, 80},
    {"crash_coordinator", &Options::crash_coordinator, 60},
    {"crash_worker", &Options::crash_worker, 100},
    {"pause_coordinator", &Options::pause_coordinator, 100},
    {"pause_worker", &Options::pause_worker, 60},
    {"power_cut", &Options::power_cut, 25},
    {"break_stream", &Options::break_stream, 200},
    {"partition", &Options::partition, 60},
    {"wall_step", &Options::wall_step, 40},
    {"corrupt", &Options::corrupt, 30},
    {"metadata_away", &Options::metadata_away, 30},
    {"crash_in_call", &Options::crash_in_call, 8},
    {"disk_error", &Options::disk_error, 15},
    {"commit_unknown", &Options::commit_unknown, 150},
    {"beat_lost", &Options::beat_lost, 300},
    {"answer_repeated", &Options::answer_repeated, 200},
    {"half_open", &Options::half_open, 400},
    {"answer_late", &Options::answer_late, 200},
    {"pause_in_commit", &Options::pause_in_commit, 40},
};

}  // namespace

Options Options::Draw(uint64_t seed, Bug bug) {
  uint64_t draws = 0;
  const auto draw = [&](uint64_t below) { return static_cast<int>(KeyedDraw(seed, 1, ++draws) % below); };
  Options options;
  options.seed = seed;
  options.bug = bug;
  options.nights = 1 + draw(3);
  options.coordinators = draw(3) == 0 ? 1 : 2;
  options.workers = 1 + draw(4);
  options.slots = 1 + draw(3);
  options.faults_ms = 5000 + 1000 * draw(115);
  options.task_ms = draw(4) == 0 ? 2000 + draw(6000) : 20 + draw(4) * draw(400);
  for (const Named& rate : kRates) {
    const bool on = draw(2) == 0;
    const int value = 1 + draw(static_cast<uint64_t>(rate.most));
    if (on) options.*rate.value = value;
  }
  return options;
}

std::string Options::ToString() const {
  std::string text = fmt::format("seed={} nights={} coordinators={} workers={} slots={} faults_ms={} task_ms={}", seed,
                                 nights, coordinators, workers, slots, faults_ms, task_ms);
  if (bug != Bug::kNone) text += fmt::format(" bug={}", Name(bug));
  for (const Named& rate : kRates) {
    if (this->*rate.value > 0) text += fmt::format(" {}={}", rate.name, this->*rate.value);
  }
  return text;
}

}  // namespace strata::simulation
