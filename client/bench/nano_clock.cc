#include "client/bench/nano_clock.h"

#include <sys/prctl.h>

#include <cerrno>
#include <chrono>
#include <ctime>

namespace strata {

int64_t SystemNanoClock::NowNs() const {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

void SystemNanoClock::WaitUntil(int64_t moment_ns) const {
  const timespec moment = {.tv_sec = moment_ns / kNanosPerSecond, .tv_nsec = moment_ns % kNanosPerSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nullptr) == EINTR) continue;
}

void SharpenWaits() { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

}  // namespace strata
