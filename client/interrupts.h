// Ctrl-C and SIGTERM as something to wait for instead of something that ends the process. From construction to
// destruction both signals are blocked in the constructing thread and every thread that it starts meanwhile; make it
// before any other thread exists. At most one at a time.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <thread>

namespace strata {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // True when a signal came within `timeout_ms` (-1: for ever); takes the signal.
  bool Wait(int64_t timeout_ms) const;

 private:
  friend class InterruptWatch;
  bool WaitOr(int descriptor, int64_t timeout_ms) const;  // returns early, with false, when `descriptor` is readable

  sigset_t before_{};
  int signals_ = -1;
};

// Calls `on_interrupt` on a thread of its own for the first signal; the second one ends the process at once, as it
// would have without all this. `interrupts` must outlive it.
class InterruptWatch {
 public:
  InterruptWatch(const Interrupts& interrupts, std::function<void()> on_interrupt);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  int wake_ = -1;
  std::jthread thread_;
};

}  // namespace strata
