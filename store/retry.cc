#include "store/retry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace strata {
namespace {

void Note(const RetrySeams& seams, const std::string& text) {
  if (seams.note) seams.note(text);
}

}  // namespace

absl::Status RetryUnavailable(const RetrySeams& seams, std::string_view what,
                              const std::function<absl::Status()>& attempt) {
  const int64_t begun_ms = seams.clock->MonotonicMs();
  int64_t delay_ms = seams.policy.first_delay_ms;
  for (int attempts = 1;; ++attempts) {
    const absl::Status status = attempt();
    const int64_t passed_ms = seams.clock->MonotonicMs() - begun_ms;
    const double seconds = static_cast<double>(passed_ms) / 1e3;
    if (!absl::IsUnavailable(status)) {
      if (attempts > 1) Note(seams, fmt::format("{}: answered at attempt {} after {:.1f} s", what, attempts, seconds));
      return status;
    }
    if (attempts == 1) {
      Note(seams,
           fmt::format("{}; trying again for up to {} s", StdView(status.message()), seams.policy.total_ms / 1'000));
    }
    if (passed_ms + delay_ms > seams.policy.total_ms) {
      Note(seams, fmt::format("{}: given up after {} attempts in {:.1f} s", what, attempts, seconds));
      return WithContext(status, fmt::format("given up after {} attempts in {:.1f} s", attempts, seconds));
    }
    const uint64_t draw = KeyedDraw(Hash64(what), static_cast<uint64_t>(attempts), static_cast<uint64_t>(begun_ms));
    seams.sleep(delay_ms - static_cast<int64_t>(UnitInterval(draw) * static_cast<double>(delay_ms) / 2));
    delay_ms = std::min(delay_ms * 2, seams.policy.max_delay_ms);
  }
}

}  // namespace strata
