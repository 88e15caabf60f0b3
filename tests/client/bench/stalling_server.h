// A real gRPC server on loopback that answers GetScore at once, except while it stalls: what arrives then is held and
// released together at the stall's end. One thread on a completion queue, so that nothing else delays an answer. Stalls
// are scripted by its own monotonic clock, and the moments at which they really ended are on record, because that is
// what the truth about latencies is computed from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strata {

struct Stall {
  int64_t begin_ns = 0;  // of SystemNanoClock
  int64_t end_ns = 0;    // as planned; a record has the moment at which the held answers were let go
};

class StallingServer {
 public:
  StallingServer();
  ~StallingServer();

  std::string address() const;
  // Before the first of them begins. In order, not overlapping.
  void SetScript(const std::vector<Stall>& stalls);
  // Ends the server. The stalls that really happened.
  std::vector<Stall> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata
