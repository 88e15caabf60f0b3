// What the clustering keeps of a run's shards between rounds (model/clustering/evaluate.h): customers on the grid, and
// their labels, which make the next evaluation quicker. Whoever works on a shard takes its cache and gives it back; who
// finds it taken works without what is in it. Nothing depends on a cache, so it is only kept where memory is not
// limited. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "model/clustering/evaluate.h"

namespace strata {

class FitCaches {
 public:
  std::unique_ptr<FitCache> Take(uint32_t shard) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<FitCache> taken = std::move(of_shard_[shard]);
    return taken == nullptr ? std::make_unique<FitCache>() : std::move(taken);
  }
  void Return(uint32_t shard, std::unique_ptr<FitCache> cache) {
    const std::lock_guard lock(mutex_);
    of_shard_[shard] = std::move(cache);
  }
  void Clear() {
    const std::lock_guard lock(mutex_);
    of_shard_.clear();
  }

 private:
  std::mutex mutex_;
  std::map<uint32_t, std::unique_ptr<FitCache>> of_shard_;  // guarded by mutex_
};

}  // namespace strata
