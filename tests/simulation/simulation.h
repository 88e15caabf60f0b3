// One seed from its begin to its end: a cluster, its nights, a nemesis, a client who wants every night published.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/checker.h"
#include "tests/simulation/options.h"
#include "tests/simulation/stand_in.h"

namespace strata::simulation {

struct Outcome {
  std::string violation;  // empty: none
  uint64_t trace_hash = 0;
  int64_t events = 0;
  int64_t ended_ms = 0;  // simulated
  std::map<std::string, int64_t> counters;
};

// What undisturbed runs publish, for every night over every number of files.
Truths MakeTruths(StandIn* stand_in);

Outcome Simulate(const Options& options, const Truths& truths, StandIn* stand_in, bool log = false);

}  // namespace strata::simulation
