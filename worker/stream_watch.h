// Notices a control stream that stands still while heartbeats, which go over a connection of their own, still pass:
// bytes swallowed on the way, or a damaged length that makes the other end wait for more. What was written is compared
// with what the other end says it got. Pure; not thread-safe.
#pragma once

#include <cstdint>

namespace strata {

// Frames of one stream as both ends count them, in both directions.
struct StreamCounts {
  uint64_t written = 0;   // by this end
  uint64_t arrived = 0;   // of these, at the other end
  uint64_t sent = 0;      // by the other end
  uint64_t received = 0;  // of these, here
  bool operator==(const StreamCounts&) const = default;
};

class StreamWatch {
 public:
  // Whether frames have been on their way for over `patience_ms` and not one of them moved. `now_ms` is monotonic.
  // Precondition: looked at more often than every `patience_ms`.
  bool StandsStill(const StreamCounts& counts, int64_t patience_ms, int64_t now_ms) {
    const bool on_the_way = counts.arrived < counts.written || counts.received < counts.sent;
    if (!on_the_way || counts.arrived != last_.arrived || counts.received != last_.received) moved_ms_ = now_ms;
    last_ = counts;
    return now_ms - moved_ms_ > patience_ms;
  }
  // A new stream.
  void Reset(int64_t now_ms) {
    last_ = StreamCounts();
    moved_ms_ = now_ms;
  }

 private:
  StreamCounts last_;
  int64_t moved_ms_ = 0;
};

}  // namespace strata
