// What a run measured, as counts and histograms. Plain values that merge by addition, in any order.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "client/bench/latency_histogram.h"

namespace strata {

struct ErrorTally {
  int64_t count = 0;
  std::string example;       // the first one's message
  LatencyHistogram latency;  // as LoadTally::latency
};

// Of requests due in the measured window, unless said otherwise.
struct LoadTally {
  LatencyHistogram latency;          // answers, from when the request was due to its answer: what a user waits
  LatencyHistogram service;          // the same answers, from the sending: what the server and the way took
  LatencyHistogram send_delay;       // all requests sent, from due to sent: what waited in the client
  std::map<int, ErrorTally> errors;  // by gRPC status code; never part of the three above but for send_delay

  // By the moment of sending or answering, whenever the request was due.
  int64_t sent_in_window = 0;
  int64_t answered_in_window = 0;
  int64_t questions_in_window = 0;  // ids in those answers

  void Merge(const LoadTally& other);
  int64_t error_count() const;
};

// What happened since the last look, for the live line and the series; warm-up included.
struct LoadInterval {
  int64_t sent = 0;
  int64_t answers = 0;
  int64_t errors = 0;
  int64_t backlog = 0;  // at its end
  LatencyHistogram latency;

  void Merge(const LoadInterval& other);
};

}  // namespace strata
