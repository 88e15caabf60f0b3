#include "serving/background_lane.h"

#include <fmt/format.h>

#include <utility>

namespace strata {

BackgroundLane::BackgroundLane() {
  for (int i = 0; i < kLaneThreads; ++i) threads_.emplace_back([this] { Work(); });
}

BackgroundLane::~BackgroundLane() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

absl::Status BackgroundLane::Submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= kMaxLaneTasks) {
      return MakeError(
          absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
          fmt::format("{} requests wait for disk work already, which is all this server queues; retry with "
                      "back-off",
                      kMaxLaneTasks));
    }
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void BackgroundLane::Work() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace strata
