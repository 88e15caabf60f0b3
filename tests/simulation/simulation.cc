#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "run/keys.h"
#include "tests/simulation/network.h"
#include "tests/simulation/sim_coordinator.h"
#include "tests/simulation/sim_worker.h"

namespace strata::simulation {
namespace {

constexpr int64_t kHealedMs = 300'000;  // after it everything must end within this
constexpr int64_t kNightMs = 30'000;    // between the files of two nights
constexpr int64_t kSubmitMs = 2'000;    // the client asks again this often
constexpr int64_t kNemesisMs = 100;
constexpr int64_t kSettleMs = 20'000;  // from the last night's end to the change of the lead
constexpr int64_t kCleanMs = 120'000;  // from there until nothing is left: a pause of 41 s, a lead that runs out
constexpr int64_t kLookMs = 500;

class Simulation {
 public:
  // With a lineage its nights one after the other, each when its files are there; else nights and files by the clock.
  Simulation(const Options& options, const Truths* truths, StandIn* stand_in, Lineage lineage, bool log)
      : lineage_(std::move(lineage)),
        world_(options),
        disk_(&world_),
        server_(&world_),
        checker_(&world_, &disk_, &server_, truths),
        network_(&world_) {
    world_.log = log;
    disk_.folders() = {"", "/state", "/sources"};
    server_.on_commit = [this](const CommitRequest& request) { checker_.OnCommit(request); };
    disk_.on_name = [this](const std::string& path, const std::string& bytes) { checker_.OnObject(path, bytes); };
    for (int i = 0; i < options.coordinators; ++i) {
      network_.coordinators().push_back(
          std::make_unique<SimCoordinator>(&network_, &disk_, &server_, stand_in, fmt::format("coordinator-{}", i)));
    }
    for (int i = 0; i < options.workers; ++i) {
      network_.workers().push_back(
          std::make_unique<SimWorker>(&network_, &disk_, stand_in, fmt::format("worker-{}", i)));
    }
    if (!lineage_.empty()) {
      BeginNight(0);
      return;
    }
    BringFile(0);
    for (int file = 1; file < options.nights; ++file) {
      world_.At(file * kNightMs, nullptr, [this, file] { BringFile(file); });
    }
  }

  ~Simulation() {
    for (const auto& coordinator : network_.coordinators()) world_.Kill(&coordinator->process());
    for (const auto& worker : network_.workers()) world_.Kill(&worker->process());
  }

  // Until the last night is published and nothing is left behind, or a violation.
  void Run() {
    for (const auto& coordinator : network_.coordinators()) coordinator->Start();
    for (const auto& worker : network_.workers()) worker->Start();
    world_.At(kNemesisMs, nullptr, [this] { Nemesis(); });
    world_.At(world_.options().faults_ms, nullptr, [this] { Heal(); });
    Client();
    Supervise();
    while (world_.violation().empty() && ended_ms_ < 0) {
      Step();
      if (world_.now_ms() > world_.options().faults_ms + kHealedMs) {
        world_.Violation(fmt::format("night {} has not ended {} ms after everything healed", night_, kHealedMs));
      }
    }
    const int64_t until_ms = ended_ms_ + kSettleMs;
    while (world_.violation().empty() && world_.now_ms() < until_ms) Step();
    last_token_ = server_.token();
    LookForLeftovers();
    while (world_.violation().empty() && !clean_) {
      Step();
      if (world_.now_ms() < until_ms + kCleanMs) continue;
      world_.Violation(fmt::format("{} ms after the last night: {}", kSettleMs + kCleanMs, Leftovers()));
    }
  }

  Outcome TakeOutcome() const {
    return {.violation = world_.violation(),
            .trace_hash = world_.trace_hash(),
            .events = events_,
            .ended_ms = ended_ms_,
            .counters = world_.counters()};
  }
  const Checker& checker() const { return checker_; }

 private:
  void Step() {
    world_.Step();
    ++events_;
    checker_.AfterEvent();
  }

  void BringFile(int number) {
    const SourceFile& file = SourceFiles()[static_cast<size_t>(number)];
    disk_.Write(file.path, file.bytes, true, file.modified_ns);
    disk_.Sync("/sources");
    files_ = number + 1;
  }

  void BeginNight(size_t place) {
    place_ = place;
    night_ = lineage_[place].first;
    while (files_ < lineage_[place].second) BringFile(files_);
  }

  // Submits the night that is due to a coordinator that listens, under the request's id; a run that failed is asked for
  // again under another one.
  void Client() {
    world_.At(kSubmitMs, nullptr, [this] { Client(); });
    if (checker_.Published(night_).has_value() && !server_.entries().contains(ActiveRunKey(kJob))) {
      if (night_ >= world_.options().nights) {
        if (ended_ms_ < 0 && !world_.faults()) ended_ms_ = world_.now_ms();
        return;
      }
      attempt_ = 1;
      if (lineage_.empty()) {
        ++night_;
      } else {
        BeginNight(place_ + 1);
      }
    }
    if (files_ < night_) return;
    const std::string id = fmt::format("night-{}-{}", night_, attempt_);
    const auto& entries = server_.entries();
    if (const auto known = entries.find(RequestKey(kJob, id)); known != entries.end()) {
      const auto run = entries.find(RunKey(kJob, std::stoll(known->second.value)));
      if (run == entries.end()) return world_.Violation("a request without its run");
      const auto summary = RunSummary::FromJson(run->second.value);
      if (!summary.ok() || summary->state == RunState::kRunning) return;
      ++attempt_;
      return;
    }
    SimCoordinator* coordinator = network_.Dial();
    if (coordinator == nullptr) return;
    world_.At(static_cast<int64_t>(world_.Draw(500)), &coordinator->process(),
              [coordinator, submission = Submission{night_, id}] { coordinator->Submit(submission); });
  }

  // What could not be removed is collected after the next run, or by the next lead: here somebody else takes the lead.
  void LookForLeftovers() {
    world_.At(kLookMs, nullptr, [this] { LookForLeftovers(); });
    if (server_.token() == last_token_) {
      for (const auto& coordinator : network_.coordinators()) coordinator->Stop();
    } else if (Leftovers().empty()) {
      clean_ = true;
      world_.Count("looked for what is left");
    }
  }
  std::string Leftovers() const { return server_.token() == last_token_ ? "nobody took the lead" : checker_.Left(); }

  // Processes that have ended are started again.
  void Supervise() {
    world_.At(1000, nullptr, [this] { Supervise(); });
    const uint64_t patience = world_.faults() ? 4 : 1;
    for (const auto& coordinator : network_.coordinators()) {
      if (coordinator->process().alive() || world_.Draw(patience) != 0) continue;
      network_.BreakAllOf(&coordinator->process());
      coordinator->Start();
    }
    for (const auto& worker : network_.workers()) {
      if (worker->process().alive() || world_.Draw(patience) != 0) continue;
      network_.BreakAllOf(&worker->process());
      worker->Start();
    }
  }

  void Heal() {
    world_.Heal();
    network_.Heal();
    world_.Trace("healed");
  }

  bool Strikes(int rate) { return rate > 0 && world_.Draw(1'000'000) < static_cast<uint64_t>(rate) * kNemesisMs; }
  Process* AnyCoordinator() { return &network_.coordinators()[world_.Draw(network_.coordinators().size())]->process(); }
  Process* AnyWorker() { return &network_.workers()[world_.Draw(network_.workers().size())]->process(); }

  void Kill(Process* process, const char* what) {
    if (!process->alive()) return;
    world_.Count(what);
    world_.Trace(what);
    world_.Kill(process);
    network_.BreakAllOf(process);
  }
  void Pause(Process* process, const char* what) {
    if (!process->alive()) return;
    world_.Count(what);
    world_.Trace(what);
    world_.Pause(process, static_cast<int64_t>(100 + world_.Draw(world_.Draw(2) == 0 ? 2'000 : 30'000)));
  }

  void Nemesis() {
    if (!world_.faults()) return;
    world_.At(kNemesisMs, nullptr, [this] { Nemesis(); });
    const Options& options = world_.options();
    if (Strikes(options.crash_coordinator)) Kill(AnyCoordinator(), "coordinators killed");
    if (Strikes(options.stop_coordinator)) network_.coordinators()[world_.Draw(network_.coordinators().size())]->Stop();
    if (Strikes(options.crash_worker)) Kill(AnyWorker(), "workers killed");
    if (Strikes(options.pause_coordinator)) Pause(AnyCoordinator(), "coordinators paused");
    if (Strikes(options.pause_worker)) Pause(AnyWorker(), "workers paused");
    if (Strikes(options.power_cut)) CutPower();
    if (Strikes(options.break_stream)) network_.BreakOne();
    if (Strikes(options.partition)) network_.Partition();
    if (Strikes(options.corrupt)) Corrupt();
    if (Strikes(options.metadata_away)) server_.BeAwayFor(static_cast<int64_t>(500 + world_.Draw(20'000)));
    if (Strikes(options.wall_step)) {
      world_.Count("wall clock steps");
      world_.StepWall((static_cast<int64_t>(world_.Draw(96)) - 48) * 3'600'000);
    }
  }

  void CutPower() {
    world_.Count("power cuts");
    for (const auto& coordinator : network_.coordinators()) Kill(&coordinator->process(), "killed by a power cut");
    for (const auto& worker : network_.workers()) Kill(&worker->process(), "killed by a power cut");
    disk_.CutPower();
  }

  // A byte of an object that only a run in progress needs. Not after the snapshot was read back: no reader is safe from
  // a disk that forgets later.
  void Corrupt() {
    std::vector<std::string> paths;
    for (const auto& [path, file] : disk_.visible()) {
      const size_t snapshots = path.find("/snapshots/");
      const bool part = snapshots != std::string::npos;
      const std::string folder = part ? path.substr(0, path.find('/', snapshots + 11)) : "";
      if (!part && path.find("/runs/") == std::string::npos) continue;
      if (part && disk_.visible().contains(folder + "/manifest.json")) continue;
      if (!disk_.IsProtected(path) && !file.bytes->empty()) paths.push_back(path);
    }
    if (paths.empty()) return;
    world_.Count("objects damaged");
    disk_.Damage(paths[world_.Draw(paths.size())], world_.Draw(1'000'000));
  }

  const Lineage lineage_;
  World world_;
  SimDisk disk_;
  SimMetadataServer server_;
  Checker checker_;
  Network network_;   // last: its processes end first
  size_t place_ = 0;  // in the lineage
  int night_ = 1;
  int attempt_ = 1;
  int files_ = 0;
  int64_t events_ = 0;
  int64_t ended_ms_ = -1;
  int64_t last_token_ = 0;  // before the lead changed for the last time
  bool clean_ = false;
};

}  // namespace

namespace {

// Adds what follows `lineage` in all ways that there are: later nights, over no fewer files, and not before theirs.
void AddLineages(const Lineage& lineage, std::vector<Lineage>* lineages) {
  const int nights = static_cast<int>(SourceFiles().size());
  const auto [last_night, last_files] = lineage.empty() ? std::pair(0, 1) : lineage.back();
  for (int night = last_night + 1; night <= nights; ++night) {
    for (int files = std::max(night, last_files); files <= nights; ++files) {
      Lineage& longer = lineages->emplace_back(lineage);
      longer.emplace_back(night, files);
      AddLineages(Lineage(longer), lineages);
    }
  }
}

}  // namespace

Truths MakeTruths(StandIn* stand_in) {
  std::vector<Lineage> lineages;
  AddLineages({}, &lineages);
  Truths truths;
  for (const Lineage& lineage : lineages) {
    Options options;
    options.nights = lineage.back().first;
    Simulation simulation(options, nullptr, stand_in, lineage, false);
    simulation.Run();
    const auto truth = simulation.checker().Published(options.nights);
    if (truth.has_value()) truths[lineage] = *truth;
  }
  return truths;
}

Outcome Simulate(const Options& options, const Truths& truths, StandIn* stand_in, bool log) {
  Simulation simulation(options, &truths, stand_in, {}, log);
  simulation.Run();
  return simulation.TakeOutcome();
}

}  // namespace strata::simulation
