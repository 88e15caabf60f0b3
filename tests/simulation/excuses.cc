#include "tests/simulation/excuses.h"

#include <algorithm>
#include <map>
#include <vector>

namespace strata::simulation {
namespace {

// So long after a fault something may still feel it: the longest pause is 41 s, then a lease and a lead run out.
constexpr int64_t kFeltMs = 60'000;

const std::map<std::string, std::vector<const char*>>& Causes() {
  static const std::map<std::string, std::vector<const char*>> causes = {
      {"NO_WORKERS",
       {"workers killed", "workers paused", "killed by a power cut", "crashes inside a call", "partitions of one way",
        "partitions of both ways", "streams half open", "heartbeats lost"}},
      {"ATTEMPTS_EXHAUSTED",
       {"workers killed", "workers paused", "disk errors", "crashes inside a call", "streams broken",
        "partitions of one way", "partitions of both ways", "heartbeats lost"}},
      // What a task had written for others kept its name over a power cut and lost bytes, or a disk forgot.
      {"CHECKSUM_MISMATCH", {"objects damaged", "intermediates torn"}},
      // It lost its name as well. (A plan is durable: one that is gone would be a bug. Nor is MAP_OUTPUT_CORRUPT here:
      // the stand-in of the workers verifies a map's output as a whole.)
      {"INTERMEDIATE_LOST", {"intermediates lost"}},
      {"OBJECT_DIFFERS", {"objects damaged"}},
      {"SNAPSHOT_CORRUPT", {"objects damaged"}},
      {"DISK_FULL", {"disk errors"}},
      {"IO_ERROR", {"disk errors", "failed folder syncs"}},
      {"COORDINATOR_LOST", {"objects damaged", "disk errors", "failed folder syncs"}}};
  return causes;
}

}  // namespace

bool MayFail(const std::string& reason, int64_t begun_ms, const World& world) {
  if (begun_ms > world.options().faults_ms + kFeltMs) return false;
  const auto felt = [&](const char* cause) { return world.LastMs(cause) >= begun_ms - kFeltMs; };
  // Of two that take connections one may be paused, and workers wait for it.
  const bool dialled_in_vain = felt("coordinators paused") || felt("coordinators paused as they commit");
  if (reason == "NO_WORKERS" && world.options().coordinators > 1 && dialled_in_vain) return true;
  const auto found = Causes().find(reason);
  return found != Causes().end() && std::any_of(found->second.begin(), found->second.end(), felt);
}

}  // namespace strata::simulation
