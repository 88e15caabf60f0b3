// How much memory the tasks of a process may hold at once. A task takes what it will need before it begins and gives it
// back at its end; when there is not enough left it waits, so that fewer tasks run side by side. Nobody takes twice, so
// nobody waits for ever. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace strata {

class MemoryBudget {
 public:
  class Grant {  // given back when it ends
   public:
    Grant() = default;
    Grant(MemoryBudget* budget, uint64_t bytes) : budget_(budget), bytes_(bytes) {}
    Grant(Grant&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Grant& operator=(Grant&&) = delete;
    ~Grant() {
      if (budget_ != nullptr) budget_->GiveBack(bytes_);
    }

   private:
    MemoryBudget* budget_ = nullptr;
    uint64_t bytes_ = 0;
  };

  explicit MemoryBudget(uint64_t limit_bytes) : limit_bytes_(limit_bytes), free_bytes_(limit_bytes) {}

  uint64_t limit_bytes() const { return limit_bytes_; }
  // Waits until so much is free; whoever asked first is served first, so that a large task is not passed by for ever.
  // Precondition: bytes <= limit_bytes(). The budget must outlive the grant.
  Grant Take(uint64_t bytes);
  uint64_t waiting() const;  // calls of Take that wait

 private:
  void GiveBack(uint64_t bytes);

  const uint64_t limit_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t free_bytes_;       // guarded by mutex_
  uint64_t next_ticket_ = 0;  // guarded by mutex_
  uint64_t served_ = 0;       // tickets below have their grants; guarded by mutex_
};

}  // namespace strata
