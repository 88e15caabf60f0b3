#include "client/bench/load_tally.h"

namespace strata {

void LoadTally::Merge(const LoadTally& other) {
  latency.Merge(other.latency);
  service.Merge(other.service);
  send_delay.Merge(other.send_delay);
  for (const auto& [code, tally] : other.errors) {
    ErrorTally& mine = errors[code];
    if (mine.count == 0) mine.example = tally.example;
    mine.count += tally.count;
    mine.latency.Merge(tally.latency);
  }
  sent_in_window += other.sent_in_window;
  answered_in_window += other.answered_in_window;
  questions_in_window += other.questions_in_window;
}

int64_t LoadTally::error_count() const {
  int64_t count = 0;
  for (const auto& [code, tally] : errors) count += tally.count;
  return count;
}

void LoadInterval::Merge(const LoadInterval& other) {
  sent += other.sent;
  answers += other.answers;
  errors += other.errors;
  backlog += other.backlog;
  latency.Merge(other.latency);
}

}  // namespace strata
