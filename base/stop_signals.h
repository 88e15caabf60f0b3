// SIGINT and SIGTERM as something that a main waits for (sigwait) instead of something that ends the process.
#pragma once

#include <csignal>

namespace strata {

// Blocks both in the calling thread and in all that it starts: call it before any other thread exists.
inline sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace strata
