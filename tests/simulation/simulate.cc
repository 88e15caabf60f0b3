// tests/simulate: seeds of the simulation, one after another. Exit status 0: no violation (with --bug: found), else 1.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>

#include "tests/simulation/simulation.h"

namespace strata::simulation {
namespace {

constexpr uint64_t kSeeds = 100;
constexpr uint64_t kSeedsForBugs = 1000;  // within which every planted mistake must be found

struct Arguments {
  uint64_t first = 1, seeds = 0;  // no seeds: one of the above
  std::string bug;
  bool bugs = false;
  bool log = false;
  bool brief = false;
};

Bug FindBug(const std::string& name) {
  for (int bug = 1; bug <= kBugs; ++bug) {
    if (name == Name(static_cast<Bug>(bug))) return static_cast<Bug>(bug);
  }
  return Bug::kNone;
}

// States that a simulation worth its name reaches; in few seeds some are missing by chance.
constexpr const char* kMustReach[] = {"coordinators killed",
                                      "workers killed",
                                      "coordinators paused",
                                      "workers paused",
                                      "power cuts",
                                      "lost names",
                                      "torn files",
                                      "intermediates torn",
                                      "intermediates lost",
                                      "streams broken",
                                      "streams half open",
                                      "partitions of one way",
                                      "heartbeats lost",
                                      "objects damaged",
                                      "unknown commits that were lost",
                                      "unknown commits in force",
                                      "unknown commits that came late",
                                      "metadata away",
                                      "disk errors",
                                      "failed folder syncs",
                                      "crashes inside a call",
                                      "answers that arrive twice",
                                      "answers to cancelled attempts",
                                      "frames of a broken stream that arrive late",
                                      "commits of a deposed coordinator",
                                      "commits refused by a compare",
                                      "renewals of a deposed coordinator",
                                      "wall clock steps",
                                      "coordinators paused as they commit",
                                      "partitions of both ways",
                                      "names that came back",
                                      "answers overtaken by later ones",
                                      "frames lost with their stream",
                                      "killed by a power cut",
                                      "coordinators that stopped",
                                      "runs left by a coordinator that stopped",
                                      "leases of workers expired",
                                      "attempts that failed",
                                      "attempts lost with their worker's lease",
                                      "attempts lost with their worker's stream",
                                      "tasks that are slow",
                                      "second attempts of slow tasks",
                                      "shares of a round taken back",
                                      "checkpoints of a fit",
                                      "checkpoints that were passed over",
                                      "checkpoints that were not written",
                                      "fits resumed from a checkpoint",
                                      "ledger versions",
                                      "ledger versions collected",
                                      "snapshots removed by retention",
                                      "records of runs removed by retention",
                                      "looked for what is left",
                                      "pointers for replicas",
                                      "snapshots published",
                                      "runs resumed where another may lead",
                                      "runs that succeeded",
                                      "runs that failed: COORDINATOR_LOST",
                                      "runs that failed: ATTEMPTS_EXHAUSTED",
                                      "runs that failed: NO_WORKERS",
                                      "runs that failed: IO_ERROR",
                                      "coordinators that ended: LEADERSHIP_LOST",
                                      "coordinators that ended: METADATA_UNREACHABLE",
                                      "runs resumed",
                                      "runs that succeeded after being resumed",
                                      "runs that failed: CHECKSUM_MISMATCH",
                                      "runs that failed: INTERMEDIATE_LOST",
                                      "runs that failed: DISK_FULL"};
constexpr uint64_t kSeedsToReachAll = 5000;  // the short form

int Report(const Arguments& arguments, const std::map<std::string, int64_t>& counters, int64_t events, double seconds) {
  for (const auto& [what, count] : counters) fmt::print("  {:>9}  {}\n", count, what);
  fmt::print("{} seeds, {} events, {:.1f} s, {:.0f} seeds a second: no violation\n", arguments.seeds, events, seconds,
             static_cast<double>(arguments.seeds) / seconds);
  int missing = 0;
  for (const char* state : kMustReach) {
    if (arguments.seeds < kSeedsToReachAll || counters.contains(state)) continue;
    fmt::print("never reached: {}\n", state);
    ++missing;
  }
  return missing == 0 ? 0 : 1;
}

int Run(const Arguments& arguments) {
  const Bug bug = FindBug(arguments.bug);
  if (!arguments.bug.empty() && bug == Bug::kNone) {
    fmt::print("--bug {}: known are", arguments.bug);
    for (int known = 1; known <= kBugs; ++known) fmt::print(" {}", Name(static_cast<Bug>(known)));
    fmt::print("\n");
    return 2;
  }
  const auto begun = std::chrono::steady_clock::now();
  StandIn stand_in;
  const Truths truths = MakeTruths(&stand_in);
  std::map<std::string, int64_t> counters;
  int64_t events = 0;
  for (uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
    const Options options = Options::Draw(seed, bug);
    const Outcome outcome = Simulate(options, truths, &stand_in, arguments.log);
    if (!outcome.violation.empty()) {
      fmt::print("{}\nVIOLATION {}\n", options.ToString(), outcome.violation);
      if (bug != Bug::kNone) fmt::print("{} found after {} seed(s)\n", arguments.bug, seed - arguments.first + 1);
      return bug == Bug::kNone ? 1 : 0;
    }
    if (!arguments.brief) {
      fmt::print("{}: ended at {} ms after {} events, trace {}\n", options.ToString(), outcome.ended_ms, outcome.events,
                 Hex(outcome.trace_hash));
    }
    for (const auto& [what, count] : outcome.counters) counters[what] += count;
    events += outcome.events;
    // One in a hundred runs twice: nothing but the seed may decide.
    if (seed % 100 == 0 && Simulate(options, truths, &stand_in).trace_hash != outcome.trace_hash) {
      fmt::print("{}\nVIOLATION a second time it went another way\n", options.ToString());
      return 1;
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  const int status = Report(arguments, counters, events, taken.count());
  return bug == Bug::kNone ? status : 1;
}

// Every planted mistake must be found within so many seeds, by what it is for.
int FindAllBugs(uint64_t seeds_max) {
  StandIn stand_in;
  const Truths truths = MakeTruths(&stand_in);
  int missed = 0;
  for (int number = 1; number <= kBugs; ++number) {
    const Bug bug = static_cast<Bug>(number);
    std::string found;
    uint64_t seed = 0;
    int otherwise = 0;
    while (found.find(FindingOf(bug)) == std::string::npos && seed < seeds_max) {
      otherwise += !found.empty();
      found = Simulate(Options::Draw(++seed, bug), truths, &stand_in).violation;
    }
    const bool missing = found.find(FindingOf(bug)) == std::string::npos;
    fmt::print("{:<20} {} (and otherwise in {} seeds)\n", Name(bug),
               missing ? fmt::format("NOT FOUND as '{}'", FindingOf(bug)) : fmt::format("seed {:>4}: {}", seed, found),
               otherwise);
    missed += missing;
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace strata::simulation

int main(int argc, char** argv) {
  strata::simulation::Arguments arguments;
  CLI::App app("Runs the coordinator's driver and plan in a simulated cluster, one seed after another.", "simulate");
  app.add_option("--seeds", arguments.seeds, "how many")
      ->check(CLI::Range(1, 100'000'000))
      ->default_str("100, or 1000 with --bugs");
  app.add_option("--first", arguments.first, "the first one")->capture_default_str();
  app.add_option("--bug", arguments.bug, "plant this mistake; found is success");
  app.add_flag("--bugs", arguments.bugs,
               "plant every mistake that is known, each until it is found in at most --seeds");
  app.add_flag("--log", arguments.log, "print every event");
  app.add_flag("--brief", arguments.brief, "print the options of a seed only where it is violated");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arguments.seeds == 0)
    arguments.seeds = arguments.bugs ? strata::simulation::kSeedsForBugs : strata::simulation::kSeeds;
  return arguments.bugs ? strata::simulation::FindAllBugs(arguments.seeds) : strata::simulation::Run(arguments);
}
