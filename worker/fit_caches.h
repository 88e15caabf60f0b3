// What clustering keeps of a worker's shards between the rounds of a fit (model/clustering/evaluate.h): their points,
// and the labels of runs that go on. It makes rounds quicker and changes no bit, so any of it may be gone at any time.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "model/clustering/evaluate.h"

namespace strata {

class FitCaches {
 private:
  struct Slot {
    std::mutex mutex;
    FitCache cache;  // guarded by mutex
  };

 public:
  // A shard's cache for one round. Movable; ends where it is destroyed, in the thread that took it.
  class Lease {
   public:
    // Null where another round, of an assignment that was given up say, has it.
    FitCache* get() const { return lock_.owns_lock() ? &slot_->cache : nullptr; }

   private:
    friend class FitCaches;
    explicit Lease(std::shared_ptr<Slot> slot) : slot_(std::move(slot)), lock_(slot_->mutex, std::try_to_lock) {}
    std::shared_ptr<Slot> slot_;  // outlives its lock
    std::unique_lock<std::mutex> lock_;
  };

  // By the key of the shard's features: a round of a run that was given up and works on finds nothing of the next one.
  Lease Take(const std::string& features);
  void Clear();

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;  // by key of features; guarded by mutex_
};

}  // namespace strata
