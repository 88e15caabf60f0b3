#include "client/interrupts.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdlib>

namespace strata {
namespace {

constexpr int kInterruptedStatus = 130;  // what a shell reports of a process that Ctrl-C ended

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Interrupts::~Interrupts() {
  // A second signal that is still pending would end the process before it has said what became of the first.
  while (Wait(0)) continue;
  if (signals_ >= 0) close(signals_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::Wait(int64_t timeout_ms) const { return WaitOr(-1, timeout_ms); }

bool Interrupts::WaitOr(int descriptor, int64_t timeout_ms) const {
  pollfd waits[2] = {{.fd = signals_, .events = POLLIN, .revents = 0},
                     {.fd = descriptor, .events = POLLIN, .revents = 0}};
  if (poll(waits, 2, static_cast<int>(timeout_ms)) <= 0 || (waits[0].revents & POLLIN) == 0) return false;
  signalfd_siginfo signal;
  return read(signals_, &signal, sizeof(signal)) == static_cast<ssize_t>(sizeof(signal));
}

InterruptWatch::InterruptWatch(const Interrupts& interrupts, std::function<void()> on_interrupt)
    : wake_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::jthread([this, &interrupts, on_interrupt = std::move(on_interrupt)] {
    if (!interrupts.WaitOr(wake_, -1)) return;
    on_interrupt();
    if (interrupts.WaitOr(wake_, -1)) std::_Exit(kInterruptedStatus);
  });
}

InterruptWatch::~InterruptWatch() {
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof(one)) < 0) std::abort();  // an eventfd takes one number
  thread_.join();
  close(wake_);
}

}  // namespace strata
