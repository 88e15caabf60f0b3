// When requests of an open loop are due: a pure function of shape, rate, seed and index, whatever the server does.
// Constant spacing sends request i exactly at i / rate (rounded down to a nanosecond). Poisson arrivals have
// independent exponential gaps, gap i drawn by KeyedDraw(seed, kArrivalRound, i) and rounded to a nanosecond; they show
// what bursts do, which constant spacing hides.
//
// A schedule may be dealt to several drivers: part p of n has the requests p, p + n, p + 2n, ... A cursor over the
// arrivals; a plain value, not thread-safe.
#pragma once

#include <cstdint>

namespace strata {

inline constexpr uint64_t kArrivalRound = 1;  // tells the bench's draws apart, see client/bench/key_chooser.h
inline constexpr int64_t kMilliRateMin = 1;   // a request every 1000 seconds
inline constexpr int64_t kMilliRateMax = 10'000'000'000;  // 10 million a second: far above what one client can send

enum class ArrivalShape { kConstant, kPoisson };
const char* Name(ArrivalShape shape);  // "constant", "poisson"

struct Arrival {
  int64_t index = 0;   // of the whole schedule, from 0
  int64_t due_ns = 0;  // since the run's start
  bool operator==(const Arrival&) const = default;
};

class ArrivalSchedule {
 public:
  // `milli_rate`: thousandths of a request a second, kMilliRateMin to kMilliRateMax. Precondition: 0 <= part < parts.
  ArrivalSchedule(ArrivalShape shape, int64_t milli_rate, uint64_t seed, int64_t part = 0, int64_t parts = 1);

  const Arrival& next() const { return next_; }
  void Advance();

 private:
  void Step();

  ArrivalShape shape_;
  int64_t milli_rate_;
  uint64_t seed_;
  int64_t parts_;
  Arrival next_{.index = -1, .due_ns = 0};
};

}  // namespace strata
