#include "store/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace strata {

absl::Status SideBySide(size_t count, const std::function<absl::Status(size_t)>& request) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  size_t first_failed = count;
  absl::Status failure;
  const auto work = [&] {
    for (size_t i = next++; i < count && !failed; i = next++) {
      const absl::Status status = request(i);
      if (status.ok()) continue;
      failed = true;
      const std::lock_guard lock(mutex);
      if (i >= first_failed) continue;
      first_failed = i;
      failure = status;
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(count, kRequestsAtOnce); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return failure;
}

}  // namespace strata
