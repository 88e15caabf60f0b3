// A real gRPC server on loopback that answers GetScore at once, unless it is told to hold: then what arrives waits
// until it is let go. One thread on a completion queue, so that nothing else delays an answer. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace strata {

class StallingServer {
 public:
  StallingServer();
  ~StallingServer();

  std::string address() const;
  void Hold();
  void LetGo();
  // True as soon as so many requests have arrived in all, false after a minute.
  bool WaitForArrivals(int64_t count);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata
