// A bench run for people: a live line and the final report. Pure functions; thread-safe.
#pragma once

#include <string>

#include "client/bench/bench_report.h"

namespace strata {

// "  12 s  9,998 answers/s  p50 0.21 ms  p99 0.80 ms  max 3.10 ms  0 errors  backlog 0", "warm-up" before it where it
// is.
std::string BenchSecondLine(const SecondLine& line, bool closed);

// "open loop, constant 20,000/s, GetScore, 8 connections x 32 in flight, 10 s after 2 s of warm-up"
std::string BenchPlanLine(const LoadPlan& plan);

std::string BenchText(const BenchReport& report);

}  // namespace strata
