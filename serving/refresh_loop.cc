#include "serving/refresh_loop.h"

#include <chrono>
#include <optional>
#include <utility>

namespace strata {

RefreshLoop::RefreshLoop(SnapshotCatalogue* catalogue, int64_t interval_ms,
                         std::function<void(const absl::Status&)> report)
    : catalogue_(catalogue), interval_ms_(interval_ms), report_(std::move(report)), thread_([this] { Run(); }) {}

RefreshLoop::~RefreshLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
}

void RefreshLoop::Run() {
  std::optional<absl::Status> last;
  while (true) {
    const absl::Status status = catalogue_->Refresh();
    if (last != status) report_(status);
    last = status;
    std::unique_lock lock(mutex_);
    const auto stopping = [this] { return stopping_; };
    if (stop_requested_.wait_for(lock, std::chrono::milliseconds(interval_ms_), stopping)) return;
  }
}

}  // namespace strata
