#include "tests/simulation/options.h"

#include <fmt/format.h>

#include <iterator>

#include "base/hash.h"

namespace strata::simulation {

namespace {

struct Planted {
  const char* name;
  const char* finding;
};

constexpr Planted kPlanted[] = {
    {"none", ""},
    {"no-file-sync", "is not durable"},
    {"no-folder-sync", "is not durable"},
    {"token-ignored", "acts while"},
    {"compares-ignored", "generation "},
    {"lease-for-ever", "has not ended"},
    {"lead-for-ever", "has not ended"},
    {"commit-forgotten", "was ended by somebody else"},
    {"double-count", "differs from that of an undisturbed run"},
    {"missing-shard", "differs from that of an undisturbed run"},
    {"stale-task", "TRUNCATED: result of a "},
    {"numbers-repeat", "RESULTS_DIFFER"},
    {"pin-forgotten", "/sources changed meanwhile"},
    {"half-an-object", "CHECKSUM_MISMATCH"},
    {"read-back-cached", "is damaged"},
    {"unknown-is-success", "was ended by somebody else"},
    {"token-repeats", "both act under token"},
    {"reads-go-back", "was ended by somebody else"},
    {"frame-lost", "has not ended"},
    {"list-forgets", "has vanished"},
    {"delete-too-much", "has vanished"},
    {"stale-round", "PARTIAL_MISMATCH"},
    {"wrong-checkpoint", "PARTIAL_MISMATCH"},
    {"wrong-snapshot-goes", "was removed and is in use"},
};
static_assert(std::size(kPlanted) == kBugs + 1);

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

const char* Name(Bug bug) { return kPlanted[static_cast<int>(bug)].name; }
const char* FindingOf(Bug bug) { return kPlanted[static_cast<int>(bug)].finding; }

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
  options.retention = draw(2) == 0;
  return options;
}

std::string Options::ToString() const {
  std::string text = fmt::format("seed={} nights={} coordinators={} workers={} slots={} faults_ms={} task_ms={}", seed,
                                 nights, coordinators, workers, slots, faults_ms, task_ms);
  if (retention) text += " retention";
  if (bug != Bug::kNone) text += fmt::format(" bug={}", Name(bug));
  for (const Named& rate : kRates) {
    if (this->*rate.value > 0) text += fmt::format(" {}={}", rate.name, this->*rate.value);
  }
  return text;
}

}  // namespace strata::simulation
