// A bench report as JSON; docs/bench.md describes its fields. Pure functions; thread-safe.
#pragma once

#include <string>

#include "client/bench/bench_report.h"

namespace strata {

std::string BenchJson(const BenchReport& report);

// "OK", "UNAVAILABLE", ...: gRPC's names of its status codes.
std::string CodeName(int code);

}  // namespace strata
