// How many there are of each key, as runs that merge like the digits of a binary counter: adding many shards costs
// n log n, not n^2. A plain value, the same whatever the order of merging once Merged. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace strata {

template <typename Key>
struct KeyCount {
  Key key;
  int64_t count;
};

template <typename Key>
class CountedRuns {
 public:
  using Run = std::vector<KeyCount<Key>>;  // ascending in key, without repetition

  // Of sorted keys, each as often as it is there.
  static Run RunOf(const std::vector<Key>& sorted) {
    Run run;
    for (const Key& key : sorted) {
      if (run.empty() || run.back().key != key) run.push_back({key, 0});
      ++run.back().count;
    }
    return run;
  }

  void Push(Run run) {
    if (run.empty()) return;
    runs_.push_back(std::move(run));
    while (runs_.size() > 1 && runs_[runs_.size() - 2].size() <= 2 * runs_.back().size()) {
      Run merged = MergeRuns(runs_[runs_.size() - 2], runs_.back());
      runs_.pop_back();
      runs_.back() = std::move(merged);
    }
  }

  // Associative and commutative.
  void Merge(const CountedRuns& other) {
    // By copy, so that a value can be merged with itself.
    std::vector<Run> added = other.runs_;
    for (Run& run : added) Push(std::move(run));
  }

  Run Merged() const {
    Run merged;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) merged = MergeRuns(*run, merged);
    return merged;
  }

 private:
  static Run MergeRuns(const Run& left, const Run& right) {
    Run merged;
    merged.reserve(left.size() + right.size());
    auto a = left.begin();
    auto b = right.begin();
    while (a != left.end() && b != right.end()) {
      if (a->key < b->key) {
        merged.push_back(*a++);
      } else if (b->key < a->key) {
        merged.push_back(*b++);
      } else {
        merged.push_back({a->key, a->count + b->count});
        ++a;
        ++b;
      }
    }
    merged.insert(merged.end(), a, left.end());
    merged.insert(merged.end(), b, right.end());
    return merged;
  }

  std::vector<Run> runs_;  // of falling length
};

}  // namespace strata
