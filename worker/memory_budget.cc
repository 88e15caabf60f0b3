#include "worker/memory_budget.h"

namespace strata {

MemoryBudget::Grant MemoryBudget::Take(uint64_t bytes) {
  std::unique_lock lock(mutex_);
  const uint64_t ticket = next_ticket_++;
  changed_.wait(lock, [&] { return ticket == served_ && bytes <= free_bytes_; });
  ++served_;
  free_bytes_ -= bytes;
  changed_.notify_all();
  return Grant(this, bytes);
}

uint64_t MemoryBudget::waiting() const {
  const std::lock_guard lock(mutex_);
  return next_ticket_ - served_;
}

void MemoryBudget::GiveBack(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ += bytes;
  changed_.notify_all();
}

}  // namespace strata
