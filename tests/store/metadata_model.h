// Random histories of commits by two openers, compared step by step with a std::map.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>

#include "tests/store/metadata_world.h"

namespace strata {

// The obvious implementation: what a state must look like after each commit.
class ModelState {
 public:
  explicit ModelState(int64_t revision) : revision_(revision) {}

  // The key that conflicts, or an empty text when the commit was applied.
  std::string Apply(const CommitRequest& request) {
    for (const Compare& compare : request.compares) {
      if (RevisionOf(compare.key) != compare.expected_revision) return compare.key;
    }
    if (request.puts.empty() && request.deletes.empty()) return "";
    ++revision_;
    for (const Put& put : request.puts) entries_[put.key] = {put.value, revision_};
    for (const std::string& key : request.deletes) entries_.erase(key);
    return "";
  }
  int64_t RevisionOf(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? 0 : found->second.second;
  }
  std::string Text(const std::string& prefix) const {
    std::string text;
    for (const auto& [key, entry] : entries_) {
      if (key.starts_with(prefix)) text += key + "=" + entry.first + "@" + std::to_string(entry.second) + " ";
    }
    return text;
  }
  int64_t revision() const { return revision_; }

 private:
  std::map<std::string, std::pair<std::string, int64_t>> entries_;
  int64_t revision_;
};

inline std::string TextOf(Metadata& metadata, const std::string& prefix) {
  const auto entries = metadata.List(prefix);
  if (!entries.ok()) return entries.status().ToString();
  std::string text;
  for (const KeyValue& entry : *entries)
    text += entry.key + "=" + entry.value + "@" + std::to_string(entry.revision) + " ";
  return text;
}

// A request over few keys, so that histories meet; most comparisons are right, some are not.
inline CommitRequest RandomRequest(std::mt19937_64& random, const ModelState& model) {
  const std::string keys[] = {"a", "a/1", "a/2", "a0", "b", "b/1/x", "b/1/y"};
  CommitRequest request;
  for (const std::string& key : keys) {
    if (random() % 4 == 0) {
      const bool wrong = random() % 5 == 0;
      request.compares.push_back({key, wrong ? static_cast<int64_t>(random() % 20) : model.RevisionOf(key)});
    }
    const uint64_t write = random() % 6;
    if (write == 0) request.puts.push_back({key, std::to_string(random() % 100)});
    if (write == 1) request.deletes.push_back(key);
  }
  return request;
}

TEST_P(MetadataConformance, RandomHistoriesMatchAMap) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const auto world = GetParam()();
    std::unique_ptr<Metadata> openers[] = {world->Open(&clock_), world->Open(&clock_)};
    std::mt19937_64 random(seed);
    const auto empty = openers[0]->Commit({});
    ASSERT_OK(empty);
    const int64_t first_revision = std::get<Committed>(*empty).revision;
    ModelState model(first_revision);
    int conflicts = 0;
    for (int step = 0; step < 100; ++step) {
      std::unique_ptr<Metadata>& opener = openers[random() % 2];
      if (random() % 25 == 0) {
        opener.reset();
        opener = world->Open(&clock_);
      }
      const CommitRequest request = RandomRequest(random, model);
      const auto outcome = opener->Commit(request);
      ASSERT_OK(outcome) << "seed " << seed << " step " << step;
      const std::string expected = model.Apply(request);
      ASSERT_EQ(ConflictKey(*outcome), expected) << "seed " << seed << " step " << step;
      if (expected.empty()) {
        ASSERT_EQ(std::get<Committed>(*outcome).revision, model.revision());
      } else {
        ++conflicts;
      }
      const std::string prefix = step % 3 == 0 ? "a/" : step % 3 == 1 ? "b" : "";
      ASSERT_EQ(TextOf(*openers[random() % 2], prefix), model.Text(prefix)) << "seed " << seed << " step " << step;
    }
    EXPECT_GT(conflicts, 0) << "seed " << seed << ": the history never met a conflict";
    EXPECT_GT(model.revision(), first_revision + 10) << "seed " << seed;
  }
}

}  // namespace strata
